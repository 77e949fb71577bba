#include "textflag.h"

#define SYS_getpid 39
#define SYS_clone 56
#define SYS_exit 60
#define SYS_openat 257
#define SYS_finit_module 313
#define SIGCHLD 17
#define AT_FDCWD -100

// func start()
// On entry the stack has the arguments, which the runtime reads: nothing is pushed. The child's memory is its own;
// shared, pages that the runtime writes first would each cost an interrupt to the other CPU.
TEXT ·start(SB), NOSPLIT|NOFRAME, $0
	MOVL  $SYS_getpid, AX
	SYSCALL
	CMPQ  AX, $1
	JNE   agent
	MOVL  $SYS_clone, AX
	MOVL  $SIGCHLD, DI
	XORL  SI, SI
	XORL  DX, DX
	XORL  R10, R10
	XORL  R8, R8
	SYSCALL
	TESTQ AX, AX
	JNE   agent           // the parent, also where there is no child

	MOVQ  ·early(SB), R12 // the string's bytes

next:
	MOVL  $SYS_openat, AX
	MOVQ  $AT_FDCWD, DI
	MOVQ  R12, SI
	XORL  DX, DX
	XORL  R10, R10
	SYSCALL
	MOVQ  AX, DI

end:
	INCQ  R12
	CMPB  (R12), $0
	JNE   end
	TESTQ DI, DI
	JLT   skip
	MOVL  $SYS_finit_module, AX
	MOVQ  R12, SI         // no parameters: the empty string
	XORL  DX, DX
	SYSCALL

skip:
	INCQ  R12
	CMPB  (R12), $0
	JNE   next
	MOVL  $SYS_exit, AX
	XORL  DI, DI
	SYSCALL

agent:
	JMP   _rt0_amd64_linux(SB)
