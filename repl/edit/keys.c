#include "edit/keys.h"

#include <string.h>

#include "base/utf8.h"

enum { ESC = 0x1B };

enum state { PLAIN, ESCAPED, CSI, SS3, STRING, STRING_ESC, PASTE };

static const char paste_end[] = "\033[201~";

void keys_init(struct keys *k, struct alloc *alloc)
{
  *k = (struct keys){.state = PLAIN};
  buf_init(&k->paste, alloc);
}

void keys_fini(struct keys *k)
{
  buf_fini(&k->paste);
}

bool keys_is_waiting(const struct keys *k)
{
  return k->state != PLAIN && k->state != PASTE;
}

bool keys_is_pasting(const struct keys *k)
{
  return k->state == PASTE;
}

static void restart(struct keys *k)
{
  k->state = PLAIN;
  k->is_alt = false;
  k->pending_len = 0;
}

void keys_reset(struct keys *k)
{
  restart(k);
  buf_clear(&k->paste);
}

static void emit(struct keys *k, u32 code, u32 mods, keys_fn on_key, void *user)
{
  if (k->is_alt) mods |= KEY_ALT;
  restart(k);
  if (code != KEY_NONE) on_key((struct key){code, mods}, user);
}

// --- characters

static void feed_plain(struct keys *k, char c, keys_fn on_key, void *user)
{
  if (k->pending_len == 0 && c == ESC) {
    k->state = ESCAPED;
    return;
  }
  bool continues = k->pending_len > 0 && utf8_is_continuation(c);
  if (k->pending_len > 0 && !continues) {  // the character was cut short: it is lost, this byte begins anew
    restart(k);
    feed_plain(k, c, on_key, user);
    return;
  }
  k->pending[k->pending_len++] = c;
  u32 code;
  if (utf8_decode(k->pending, k->pending + k->pending_len, &code) > 0) emit(k, code, 0, on_key, user);
  else if (utf8_tail(k->pending, k->pending_len) != k->pending_len) restart(k);
}

// --- escape sequences

struct params {
  u32 value[4];
  u32 count;
  bool is_private;
};

static void add_digit(struct params *p, char c)
{
  if (p->count == 0) p->count = 1;
  if (p->count > COUNT_OF(p->value)) return;
  u32 *value = &p->value[p->count - 1];
  if (*value < 100000) *value = *value * 10 + (u32)(c - '0');
}

static void read_params(const char *s, u32 len, struct params *p)
{
  memset(p, 0, sizeof *p);
  for (u32 i = 0; i < len; i++) {
    if (s[i] >= '0' && s[i] <= '9') {
      add_digit(p, s[i]);
    } else if (s[i] == ';') {
      p->count = p->count == 0 ? 2 : p->count + 1;
    } else {
      p->is_private = true;
    }
  }
}

static u32 code_of_tilde(u32 n)
{
  switch (n) {
  case 1: case 7: return KEY_HOME;
  case 2: return KEY_INSERT;
  case 3: return KEY_DELETE;
  case 4: case 8: return KEY_END;
  case 5: return KEY_PAGE_UP;
  case 6: return KEY_PAGE_DOWN;
  default: break;
  }
  // Gaps are where terminals of old had other keys.
  if (n >= 11 && n <= 15) return KEY_FUNCTION + n - 10;
  if (n >= 17 && n <= 21) return KEY_FUNCTION + n - 11;
  if (n >= 23 && n <= 26) return KEY_FUNCTION + n - 12;
  return KEY_NONE;
}

static u32 code_of_letter(char c)
{
  switch (c) {
  case 'A': return KEY_UP;
  case 'B': return KEY_DOWN;
  case 'C': return KEY_RIGHT;
  case 'D': return KEY_LEFT;
  case 'F': return KEY_END;
  case 'H': return KEY_HOME;
  case 'M': return '\r';
  case 'P': case 'Q': case 'R': case 'S': return KEY_FUNCTION + 1 + (u32)(c - 'P');
  case 'Z': return KEY_BACKTAB;
  default: return KEY_NONE;
  }
}

static u32 mods_of(u32 parameter)
{
  return parameter > 1 ? (parameter - 1) & (KEY_SHIFT | KEY_ALT | KEY_CTRL) : 0;
}

// A character with modifiers, as terminals send it when asked to spell them out: Ctrl and Alt as they always were,
// Shift within the character.
static void emit_spelled(struct keys *k, u32 code, u32 mods, keys_fn on_key, void *user)
{
  if (code >= KEY_NONE || (code >= 0xD800 && code < 0xE000)) code = KEY_NONE;
  if (mods & KEY_CTRL && code >= '@' && code < 0x7F) code &= 0x1F;
  emit(k, code, mods & KEY_ALT, on_key, user);
}

static void finish_csi(struct keys *k, char last, keys_fn on_key, void *user)
{
  struct params p;
  read_params(k->pending, k->pending_len, &p);
  if (p.is_private) {
    emit(k, KEY_NONE, 0, on_key, user);
  } else if (last == '~' && p.value[0] == 200) {
    restart(k);
    k->state = PASTE;
    k->is_paste_cr = false;
    buf_clear(&k->paste);
  } else if (last == '~' && p.value[0] == 27 && p.count == 3) {
    emit_spelled(k, p.value[2], mods_of(p.value[1]), on_key, user);
  } else if (last == 'u') {
    emit_spelled(k, p.value[0], mods_of(p.value[1]), on_key, user);
  } else {
    emit(k, last == '~' ? code_of_tilde(p.value[0]) : code_of_letter(last), mods_of(p.value[1]), on_key, user);
  }
}

static void feed_csi(struct keys *k, char c, keys_fn on_key, void *user)
{
  u8 byte = (u8)c;
  if (byte == ESC) {
    restart(k);
    k->state = ESCAPED;
  } else if (byte < 0x20 || byte > 0x7E) {
    restart(k);  // no sequence holds these: it was cut short
    feed_plain(k, c, on_key, user);
  } else if (byte >= 0x40 && !(c == '[' && k->pending_len == 0)) {
    finish_csi(k, c, on_key, user);
  } else if (k->pending_len < KEYS_SEQUENCE_MAX) {
    k->pending[k->pending_len++] = c;  // beyond the limit it is unknown anyway
  }
}

static void feed_escaped(struct keys *k, char c, keys_fn on_key, void *user)
{
  switch (c) {
  case '[': k->state = CSI; return;
  case 'O': k->state = SS3; return;
  case ']': case 'P': case 'X': case '^': case '_': k->state = STRING; return;
  case ESC:
    if (k->is_alt) emit(k, KEY_ESCAPE, 0, on_key, user);  // the third in a row
    k->state = ESCAPED;
    k->is_alt = true;
    return;
  default:
    k->state = PLAIN;
    k->is_alt = true;
    feed_plain(k, c, on_key, user);
  }
}

static void feed_string(struct keys *k, char c)
{
  if (c == '\a' || (k->state == STRING_ESC && c == '\\')) restart(k);
  else k->state = c == ESC ? STRING_ESC : STRING;
}

// --- paste

// Line ends become newlines; controls other than newline and tab are dropped.
static void add_pasted(struct keys *k, char c)
{
  if (c == '\n' && k->is_paste_cr) {
    k->is_paste_cr = false;
    return;
  }
  k->is_paste_cr = c == '\r';
  if (c == '\r') c = '\n';
  if ((u8)c >= 0x20 ? c != 0x7F : c == '\n' || c == '\t') buf_putc(&k->paste, c);
}

// Bytes that are no UTF-8 become U+FFFD, in place of what could be anything.
static void mend_paste(struct keys *k)
{
  size_t valid = utf8_valid_prefix(buf_text(&k->paste), k->paste.len);
  if (valid == k->paste.len) return;
  struct buf mended;
  buf_init(&mended, k->paste.alloc);
  for (size_t at = 0; at < k->paste.len;) {
    valid = utf8_valid_prefix(k->paste.data + at, k->paste.len - at);
    buf_append(&mended, k->paste.data + at, valid);
    at += valid;
    if (at < k->paste.len) buf_putu(&mended, 0xFFFD);
    at++;
  }
  buf_fini(&k->paste);
  k->paste = mended;
}

static void feed_paste(struct keys *k, char c, keys_fn on_key, void *user)
{
  if (c == paste_end[k->pending_len]) {
    k->pending[k->pending_len++] = c;
    if (paste_end[k->pending_len]) return;
    mend_paste(k);
    emit(k, KEY_PASTE, 0, on_key, user);
    buf_clear(&k->paste);
    return;
  }
  u32 held = k->pending_len;  // the beginning of an end that is none; its ESC is dropped as any control
  k->pending_len = 0;
  for (u32 i = 0; i < held; i++) add_pasted(k, k->pending[i]);
  if (held > 0) feed_paste(k, c, on_key, user);
  else add_pasted(k, c);
}

void keys_feed(struct keys *k, const char *bytes, size_t len, keys_fn on_key, void *user)
{
  for (size_t i = 0; i < len; i++) {
    switch ((enum state)k->state) {
    case PLAIN: feed_plain(k, bytes[i], on_key, user); break;
    case ESCAPED: feed_escaped(k, bytes[i], on_key, user); break;
    case CSI: feed_csi(k, bytes[i], on_key, user); break;
    case SS3: feed_csi(k, bytes[i], on_key, user); break;
    case STRING: case STRING_ESC: feed_string(k, bytes[i]); break;
    case PASTE: feed_paste(k, bytes[i], on_key, user); break;
    }
  }
}

void keys_timeout(struct keys *k, keys_fn on_key, void *user)
{
  if (!keys_is_waiting(k)) return;
  enum state state = (enum state)k->state;
  if (state == ESCAPED) {
    k->is_alt = false;
    emit(k, KEY_ESCAPE, 0, on_key, user);
  } else if (state == CSI && k->pending_len == 0) {
    k->is_alt = true;
    emit(k, '[', 0, on_key, user);
  } else if (state == SS3 && k->pending_len == 0) {
    k->is_alt = true;
    emit(k, 'O', 0, on_key, user);
  } else {
    restart(k);
  }
}
