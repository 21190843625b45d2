#include "proxy/backend/drain.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fixture {
    char directory[64], file[96];
    struct buf list;
};

static void set_up(struct fixture *f)
{
    *f = (struct fixture){.directory = "/tmp/mailweir-drain-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(f->directory));
    snprintf(f->file, sizeof f->file, "%s/drained", f->directory);
}

static void tear_down(struct fixture *f)
{
    unlink(f->file);
    ck_assert_int_eq(rmdir(f->directory), 0); /* nothing else was left there */
    buf_release(&f->list);
}

static struct slice read_list(struct fixture *f)
{
    buf_clear(&f->list);
    ck_assert(drain_read(f->directory, &f->list));
    return buf_slice(&f->list);
}

START_TEST(what_is_drained_stays_so_until_it_is_undrained)
{
    struct fixture f;
    set_up(&f);
    ck_assert(!drain_holds(read_list(&f), "main", SLICE("192.0.2.1:25")));
    ck_assert(drain_set(f.directory, "main", SLICE("192.0.2.1:25"), true));
    ck_assert(drain_set(f.directory, "main", SLICE("unix:/run/a/b"), true));
    ck_assert(drain_set(f.directory, "main", SLICE("192.0.2.1:25"), true));
    ck_assert(drain_holds(read_list(&f), "main", SLICE("192.0.2.1:25")));
    ck_assert(drain_holds(read_list(&f), "main", SLICE("unix:/run/a/b")));
    ck_assert(drain_set(f.directory, "main", SLICE("192.0.2.1:25"), false));
    ck_assert(!drain_holds(read_list(&f), "main", SLICE("192.0.2.1:25")));
    ck_slice_eq(read_list(&f), "main/unix:/run/a/b\n");
    tear_down(&f);
}
END_TEST

START_TEST(backends_and_servers_are_compared_whole)
{
    struct slice list = SLICE("main/192.0.2.1:25\n\nmain\nmain/\nmainly/192.0.2.3:25\n/x\nlists/192.0.2.2:2525");
    ck_assert(drain_holds(list, "main", SLICE("192.0.2.1:25")));
    ck_assert(!drain_holds(list, "main", SLICE("192.0.2.1:2")));
    ck_assert(!drain_holds(list, "mai", SLICE("192.0.2.1:25")));
    ck_assert(!drain_holds(list, "main", SLICE("192.0.2.3:25")));
    ck_assert(!drain_holds(list, "main", SLICE("")));
    ck_assert(drain_holds(list, "lists", SLICE("192.0.2.2:2525")));
    struct slice server;
    ck_assert(drain_next(&list, "main", &server));
    ck_slice_eq(server, "192.0.2.1:25");
    ck_assert(!drain_next(&list, "main", &server));
}
END_TEST

START_TEST(a_file_that_is_no_list_is_an_error)
{
    struct fixture f;
    struct buf big = {0};
    set_up(&f);
    for (int i = 0; i < 20000; i++)
        buf_add_text(&big, "main/x\n");
    FILE *file = fopen(f.file, "w");
    ck_assert_uint_eq(fwrite(big.ptr, 1, big.len, file), big.len);
    fclose(file);
    ck_assert(!drain_read(f.directory, &f.list));
    ck_assert(!drain_set(f.directory, "main", SLICE("y"), true));
    buf_release(&big);
    tear_down(&f);
}
END_TEST

UNIT_MAIN("proxy/drain", what_is_drained_stays_so_until_it_is_undrained, backends_and_servers_are_compared_whole,
          a_file_that_is_no_list_is_an_error)
