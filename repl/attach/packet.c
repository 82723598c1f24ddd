#include "attach/packet.h"

#include <string.h>

enum {
  MAGIC_LEN = 4,
  HELLO_LEN = MAGIC_LEN + 2 + 1 + 1 + 4,  // magic, version, colours, flags, size
  REFLOWS = 1,
  QUIET = 2,
};

static const char magic[MAGIC_LEN] = { 'l', 'u', 'l', 'l' };

// How long the payload of a type may be. A greeting of a later version may say more than ours.
static const struct {
  enum packet_type type;
  u32 least, most;
} table[] = {
  { PACKET_HELLO, MAGIC_LEN + 2, PACKET_MOST },
  { PACKET_KEYS, 0, PACKET_MOST },
  { PACKET_INTERRUPT, 0, 0 },
  { PACKET_STOP, 0, 0 },
  { PACKET_SIZE, 4, 4 },
  { PACKET_REDRAW, 0, 0 },
  { PACKET_BACK, 4, 4 },
  { PACKET_TEXT, 0, PACKET_MOST },
  { PACKET_LEND, 0, PACKET_MOST },
  { PACKET_END, 2, PACKET_MOST },
};

static u32 read_number(const char *bytes, size_t count)
{
  u32 n = 0;
  for (size_t i = 0; i < count; i++) n = n << 8 | (u8)bytes[i];
  return n;
}

static void write_number(char *to, u32 n, size_t count)
{
  for (size_t i = count; i-- > 0; n >>= 8) to[i] = (char)(n & 255);
}

static bool is_allowed(u8 type, u32 len)
{
  for (size_t i = 0; i < COUNT_OF(table); i++)
    if (table[i].type == type) return len >= table[i].least && len <= table[i].most;
  return false;
}

// A wrong type is seen with the first byte, a wrong length with the last one of the head.
enum packet_status packet_next(const char *bytes, size_t len, struct packet *p)
{
  if (len == 0) return PACKET_PART;
  bool is_known = false;
  for (size_t i = 0; i < COUNT_OF(table); i++) is_known = is_known || table[i].type == (u8)bytes[0];
  if (!is_known) return PACKET_WRONG;
  if (len < PACKET_HEAD) return PACKET_PART;
  u32 payload = read_number(bytes + 1, 4);
  if (!is_allowed((u8)bytes[0], payload)) return PACKET_WRONG;
  if (len - PACKET_HEAD < payload) return PACKET_PART;
  *p = (struct packet){ (enum packet_type)(u8)bytes[0], bytes + PACKET_HEAD, payload, PACKET_HEAD + payload };
  return PACKET_WHOLE;
}

bool packet_has(const char *bytes, size_t len, enum packet_type type)
{
  struct packet p;
  for (; packet_next(bytes, len, &p) == PACKET_WHOLE; bytes += p.size, len -= p.size)
    if (p.type == type) return true;
  return false;
}

void packet_put(struct buf *out, enum packet_type type, const void *payload, size_t len)
{
  char head[PACKET_HEAD] = { (char)type };
  write_number(head + 1, (u32)len, 4);
  buf_append(out, head, sizeof head);
  if (len > 0) buf_append(out, payload, len);
}

void packet_put_hello(struct buf *out, const struct hello *h)
{
  char payload[HELLO_LEN];
  memcpy(payload, magic, MAGIC_LEN);
  write_number(payload + 4, h->version, 2);
  payload[6] = (char)h->colors;
  payload[7] = (char)((h->reflows ? REFLOWS : 0) | (h->is_quiet ? QUIET : 0));
  write_number(payload + 8, h->cols, 2);
  write_number(payload + 10, h->rows, 2);
  packet_put(out, PACKET_HELLO, payload, sizeof payload);
}

void packet_put_welcome(struct buf *out, const char *program)
{
  char head[PACKET_HEAD] = { PACKET_HELLO }, greeting[MAGIC_LEN + 2];
  size_t len = strnlen(program, 1024);
  memcpy(greeting, magic, MAGIC_LEN);
  write_number(greeting + 4, PACKET_VERSION, 2);
  write_number(head + 1, (u32)(sizeof greeting + len), 4);
  buf_append(out, head, sizeof head);
  buf_append(out, greeting, sizeof greeting);
  buf_append(out, program, len);
}

static u32 clamp(int n) { return n < 1 ? 1 : n > 0xFFFF ? 0xFFFF : (u32)n; }

void packet_put_size(struct buf *out, int cols, int rows)
{
  char payload[4];
  write_number(payload, clamp(cols), 2);
  write_number(payload + 2, clamp(rows), 2);
  packet_put(out, PACKET_SIZE, payload, sizeof payload);
}

void packet_put_back(struct buf *out, int status)
{
  char payload[4];
  write_number(payload, (u32)status, 4);
  packet_put(out, PACKET_BACK, payload, sizeof payload);
}

void packet_put_end(struct buf *out, enum packet_why why, int status, const char *text)
{
  char head[PACKET_HEAD + 2] = { PACKET_END };
  size_t len = strnlen(text, 1024);
  write_number(head + 1, (u32)(2 + len), 4);
  head[PACKET_HEAD] = (char)why;
  head[PACKET_HEAD + 1] = (char)status;
  buf_append(out, head, sizeof head);
  buf_append(out, text, len);
}

static bool read_greeting(const struct packet *p, u16 *version)
{
  if (p->type != PACKET_HELLO || p->len < MAGIC_LEN + 2 || memcmp(p->payload, magic, MAGIC_LEN)) return false;
  *version = (u16)read_number(p->payload + 4, 2);
  return true;
}

bool packet_read_hello(const struct packet *p, struct hello *h)
{
  *h = (struct hello){ 0 };
  if (!read_greeting(p, &h->version)) return false;
  if (h->version != PACKET_VERSION) return true;
  if (p->len != HELLO_LEN) return false;
  h->colors = (u8)p->payload[6];
  h->reflows = p->payload[7] & REFLOWS;
  h->is_quiet = p->payload[7] & QUIET;
  h->cols = (u16)clamp((int)read_number(p->payload + 8, 2));
  h->rows = (u16)clamp((int)read_number(p->payload + 10, 2));
  return true;
}

bool packet_read_welcome(const struct packet *p, u16 *version, struct buf *program)
{
  if (!read_greeting(p, version)) return false;
  if (*version == PACKET_VERSION) buf_append(program, p->payload + MAGIC_LEN + 2, p->len - MAGIC_LEN - 2);
  return true;
}

bool packet_read_size(const struct packet *p, int *cols, int *rows)
{
  if (p->type != PACKET_SIZE || p->len != 4) return false;
  *cols = (int)clamp((int)read_number(p->payload, 2));
  *rows = (int)clamp((int)read_number(p->payload + 2, 2));
  return true;
}

bool packet_read_back(const struct packet *p, int *status)
{
  if (p->type != PACKET_BACK || p->len != 4) return false;
  *status = (int)read_number(p->payload, 4);
  return true;
}

bool packet_read_end(const struct packet *p, struct farewell *end)
{
  if (p->type != PACKET_END || p->len < 2) return false;
  *end = (struct farewell){ (enum packet_why)(u8)p->payload[0], (u8)p->payload[1], p->payload + 2, p->len - 2 };
  return true;
}
