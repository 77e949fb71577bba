# The file of its process number, in a folder that nginx's own user can have; a name of the same length.
perl -pi -e 's{/run/nginx\.pid}{/run/nginx/pid}g' "$out/bin/nginx"
perl -0777 -ne 'exit !m{/run/nginx/pid\0}' "$out/bin/nginx"
