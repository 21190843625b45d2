/* message_file: see message_file.h. */
#include "proxy/offline/message_file.h"

static void count_line_ends(struct slice file, struct message_file *about)
{
    for (size_t i = 0; i < file.len; i++) {
        if (file.ptr[i] != '\n')
            continue;
        if (i > 0 && file.ptr[i - 1] == '\r')
            about->crlf++;
        else
            about->bare_lf++;
    }
}

/* Cuts a line off, without its line end. False: there was no line end. */
static bool take_line(struct slice *rest, bool lf, struct slice *line)
{
    const char *end = lf ? memchr(rest->ptr, '\n', rest->len) : memmem(rest->ptr, rest->len, "\r\n", 2);
    *line = end ? slice_first(*rest, (size_t)(end - rest->ptr)) : *rest;
    *rest = slice_skip(*rest, line->len + (end ? (lf ? 1 : 2) : 0));
    return end != NULL;
}

void message_file_send(struct slice file, struct buf *wire, struct message_file *about)
{
    *about = (struct message_file){0};
    count_line_ends(file, about);
    about->converted = about->bare_lf > 0 && about->crlf == 0;
    while (file.len) {
        struct slice line;
        about->completed = !take_line(&file, about->converted, &line);
        if (line.len && line.ptr[0] == '.')
            buf_add_byte(wire, '.');
        buf_add(wire, line);
        buf_add_text(wire, "\r\n");
    }
    buf_add_text(wire, ".\r\n");
}
