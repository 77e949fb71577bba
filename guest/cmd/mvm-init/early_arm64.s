#include "textflag.h"

#define SYS_openat 56
#define SYS_exit 93
#define SYS_getpid 172
#define SYS_clone 220
#define SYS_finit_module 273
#define SIGCHLD 17
#define AT_FDCWD -100

// func start()
// As for amd64.
TEXT ·start(SB), NOSPLIT|NOFRAME, $0
	MOVD $SYS_getpid, R8
	SVC
	CMP  $1, R0
	BNE  agent
	MOVD $SIGCHLD, R0
	MOVD ZR, R1
	MOVD ZR, R2
	MOVD ZR, R3
	MOVD ZR, R4
	MOVD $SYS_clone, R8
	SVC
	CBNZ R0, agent

	MOVD ·early(SB), R19

next:
	MOVD $AT_FDCWD, R0
	MOVD R19, R1
	MOVD ZR, R2
	MOVD ZR, R3
	MOVD $SYS_openat, R8
	SVC

end:
	ADD   $1, R19
	MOVBU (R19), R1
	CBNZ  R1, end
	TBNZ  $63, R0, skip
	MOVD  R19, R1
	MOVD  ZR, R2
	MOVD  $SYS_finit_module, R8
	SVC

skip:
	ADD   $1, R19
	MOVBU (R19), R1
	CBNZ  R1, next
	MOVD  ZR, R0
	MOVD  $SYS_exit, R8
	SVC

agent:
	JMP _rt0_arm64_linux(SB)
