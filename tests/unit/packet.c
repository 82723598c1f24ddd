#include "attach/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
  struct alloc alloc;
  struct buf bytes;
};

static int setup(void **state)
{
  static struct fixture f;
  alloc_init(&f.alloc, SIZE_MAX);
  buf_init(&f.bytes, &f.alloc);
  *state = &f;
  return 0;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  buf_fini(&f->bytes);
  return f->alloc.used == 0 ? 0 : -1;
}

// The first packet of a copy that is exactly [len] long, so that a read beyond it is found by the sanitizers.
static enum packet_status next_of(const char *bytes, size_t len, struct packet *f)
{
  char *exact = malloc(len ? len : 1);
  memcpy(exact, bytes, len);
  enum packet_status status = packet_next(exact, len, f);
  if (status == PACKET_WHOLE) f->payload = bytes + (f->payload - exact);
  free(exact);
  return status;
}

static struct packet only(struct fixture *f)
{
  struct packet packet;
  assert_int_equal(next_of(f->bytes.data, f->bytes.len, &packet), PACKET_WHOLE);
  assert_int_equal(packet.size, f->bytes.len);
  return packet;
}

static void test_greetings(void **state)
{
  struct fixture *f = *state;
  const struct hello sent = { .version = PACKET_VERSION, .colors = 3, .reflows = true, .cols = 132, .rows = 43 };
  struct hello got;
  packet_put_hello(&f->bytes, &sent);
  struct packet packet = only(f);
  assert_true(packet_read_hello(&packet, &got));
  assert_int_equal(got.version, PACKET_VERSION);
  assert_int_equal(got.colors, 3);
  assert_true(got.reflows);
  assert_false(got.is_quiet);
  assert_int_equal(got.cols, 132);
  assert_int_equal(got.rows, 43);

  u16 version;
  struct buf program;
  buf_init(&program, &f->alloc);
  buf_clear(&f->bytes);
  packet_put_welcome(&f->bytes, "server.lull");
  packet = only(f);
  assert_true(packet_read_welcome(&packet, &version, &program));
  assert_int_equal(version, PACKET_VERSION);
  assert_string_equal(buf_text(&program), "server.lull");
  buf_fini(&program);
}

// Whatever else a later version says in its greeting: what it is can be told.
static void test_a_greeting_of_another_version(void **state)
{
  struct fixture *f = *state;
  struct hello got;
  packet_put(&f->bytes, PACKET_HELLO, "lull\x02\x01 and what nobody knows yet", 33);
  struct packet packet = only(f);
  assert_true(packet_read_hello(&packet, &got));
  assert_int_equal(got.version, 0x201);
  assert_int_equal(got.cols, 0);
}

static void test_a_greeting_that_is_none(void **state)
{
  struct fixture *f = *state;
  struct hello got;
  static const char *const wrong[] = { "LULL\0\1\0\0\0\1\0\1", "lull\0\1\0\0\0\1\0" };  // the name, the length
  for (size_t i = 0; i < COUNT_OF(wrong); i++) {
    buf_clear(&f->bytes);
    packet_put(&f->bytes, PACKET_HELLO, wrong[i], 12 - i);
    struct packet packet = only(f);
    assert_false(packet_read_hello(&packet, &got));
  }
}

static void test_the_rest(void **state)
{
  struct fixture *f = *state;
  struct packet packet;
  struct farewell end;
  int cols, rows, status;
  packet_put_size(&f->bytes, 80, 70000);
  packet = only(f);
  assert_true(packet_read_size(&packet, &cols, &rows));
  assert_int_equal(cols, 80);
  assert_int_equal(rows, 65535);
  assert_false(packet_read_back(&packet, &status));
  buf_clear(&f->bytes);
  packet_put_back(&f->bytes, 3 << 8);
  packet = only(f);
  assert_true(packet_read_back(&packet, &status));
  assert_int_equal(status, 3 << 8);
  buf_clear(&f->bytes);
  packet_put_end(&f->bytes, END_PROGRAM, 255, "has ended");
  packet = only(f);
  assert_true(packet_read_end(&packet, &end));
  assert_int_equal(end.why, END_PROGRAM);
  assert_int_equal(end.status, 255);
  assert_memory_equal(end.text, "has ended", end.len);
}

static void put_several(struct buf *out)
{
  packet_put(out, PACKET_KEYS, "a = 1\r", 6);
  packet_put(out, PACKET_INTERRUPT, NULL, 0);
  packet_put_size(out, 100, 30);
  packet_put(out, PACKET_KEYS, "", 0);
}

// Cut at any byte, what has come is so many whole packets and the part of one.
static void test_cut_anywhere(void **state)
{
  struct fixture *f = *state;
  static const enum packet_type types[] = { PACKET_KEYS, PACKET_INTERRUPT, PACKET_SIZE, PACKET_KEYS };
  put_several(&f->bytes);
  for (size_t cut = 0; cut <= f->bytes.len; cut++) {
    struct packet packet;
    size_t at = 0, count = 0;
    enum packet_status status;
    while ((status = next_of(f->bytes.data + at, cut - at, &packet)) == PACKET_WHOLE) {
      assert_int_equal(packet.type, types[count++]);
      at += packet.size;
    }
    assert_int_equal(status, PACKET_PART);
    assert_true(cut - at < PACKET_HEAD + 6);
    assert_int_equal(packet_has(f->bytes.data, cut, PACKET_INTERRUPT), cut >= 2 * PACKET_HEAD + 6);
    assert_false(packet_has(f->bytes.data, cut, PACKET_STOP));
    if (cut == f->bytes.len) assert_int_equal(count, COUNT_OF(types));
  }
}

static void test_too_long(void **state)
{
  struct packet packet;
  static const char longest[] = { 'k', 0, 1, 0, 0 }, longer[] = { 'k', 0, 1, 0, 1 },
                    huge[] = { 't', '\xff', '\xff', '\xff', '\xff' };
  assert_int_equal(next_of(longest, 5, &packet), PACKET_PART);
  assert_int_equal(next_of(longer, 5, &packet), PACKET_WRONG);
  assert_int_equal(next_of(huge, 5, &packet), PACKET_WRONG);
  assert_int_equal(next_of(huge, 4, &packet), PACKET_PART);
}

static void test_wrong_lengths_and_types(void **state)
{
  struct packet packet;
  static const char size[] = { 's', 0, 0, 0, 3 }, stop[] = { 'z', 0, 0, 0, 1 }, hello[] = { 'H', 0, 0, 0, 5 };
  assert_int_equal(next_of(size, 5, &packet), PACKET_WRONG);
  assert_int_equal(next_of(stop, 5, &packet), PACKET_WRONG);
  assert_int_equal(next_of(hello, 5, &packet), PACKET_WRONG);
  for (int type = 0; type < 256; type++) {
    char byte = (char)type;
    bool is_known = type && strchr("Hkczsrbtle", type);
    assert_int_equal(next_of(&byte, 1, &packet), is_known ? PACKET_PART : PACKET_WRONG);
  }
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
  const struct CMUnitTest tests[] = {
    T(test_greetings),
    T(test_a_greeting_of_another_version),
    T(test_a_greeting_that_is_none),
    T(test_the_rest),
    T(test_cut_anywhere),
    T(test_too_long),
    T(test_wrong_lengths_and_types),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
