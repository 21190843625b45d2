/* main: runs the command line, and makes sure that what it printed has arrived. */
#include "proxy/command/command.h"

int main(int argc, char **argv)
{
    int code = command_main(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("mailweir: standard output");
        return code ? code : 74; /* EX_IOERR */
    }
    return code;
}
