/* message_file: a message as it lies in a file, made what a client would send of it after DATA. Pure. */
#ifndef PROXY_MESSAGE_FILE_H
#define PROXY_MESSAGE_FILE_H

#include "base/buf.h"

struct message_file {
    size_t crlf, bare_lf; /* line ends found */
    bool converted;       /* every line ended with LF, as files on Unix do: they were made CRLF */
    bool completed;       /* the last line had no line end and was given one */
};

/** Appends the dot-stuffed bytes (RFC 5321 §4.5.2) with the final dot. Line ends of both kinds in one file are left as they are:
 *  then the message is as broken as the file. */
void message_file_send(struct slice file, struct buf *wire, struct message_file *about);

#endif
