// Bytes from the terminal to keys: UTF-8, escape sequences framed whole (unknown ones are dropped whole), bracketed
// paste collected. Pure: no descriptor, no clock;
// the owner calls keys_timeout when keys_is_waiting and no byte has come for 50 ms.
#ifndef LULL_EDIT_KEYS_H
#define LULL_EDIT_KEYS_H

#include "base/buf.h"

// ORDER KEY: codes below 0x110000 are characters as typed (controls included: ^A is 1, Enter '\r', Tab '\t',
// Backspace 0x7F).
enum key_code {
  KEY_NONE = 0x110000,
  KEY_UP,
  KEY_DOWN,
  KEY_RIGHT,
  KEY_LEFT,
  KEY_HOME,
  KEY_END,
  KEY_INSERT,
  KEY_DELETE,
  KEY_PAGE_UP,
  KEY_PAGE_DOWN,
  KEY_BACKTAB,
  KEY_ESCAPE,  // alone
  KEY_PASTE,   // keys_paste holds the text
  KEY_FUNCTION,  // KEY_FUNCTION + n is Fn, n 1..20
};

enum { KEY_SHIFT = 1, KEY_ALT = 2, KEY_CTRL = 4 };

struct key {
  u32 code;
  u32 mods;  // of keys that are no characters; KEY_ALT of characters too
};

enum { KEYS_SEQUENCE_MAX = 64 };

struct keys {
  u8 state;
  bool is_alt;  // an ESC came right before
  u32 pending_len;
  char pending[KEYS_SEQUENCE_MAX];  // an unfinished sequence or character
  struct buf paste;
  bool is_paste_cr;  // a CR was the last byte pasted
};

typedef void (*keys_fn)(struct key key, void *user);

void keys_init(struct keys *k, struct alloc *alloc);
void keys_fini(struct keys *k);
// Decodes [len] bytes; on_key is called for each key. During KEY_PASTE the text is in k->paste, and is gone afterwards.
void keys_feed(struct keys *k, const char *bytes, size_t len, keys_fn on_key, void *user);
// Forgets what has begun: a sequence, a paste.
void keys_reset(struct keys *k);
// Whether an ESC may still become a sequence.
bool keys_is_waiting(const struct keys *k);
// Whether a paste has begun and not ended.
bool keys_is_pasting(const struct keys *k);
// No further byte came: a lone ESC is a key, an unfinished sequence is dropped.
void keys_timeout(struct keys *k, keys_fn on_key, void *user);

#endif
