// libedit as an editing engine that draws nothing: keys go in, the text and the cursor come out. The only file that
// knows libedit.
//
// libedit runs on a coroutine of its own, parked where it asks for the next key; its terminal is a private
// pseudo-terminal nobody looks at, so it touches neither
// the modes nor the screen of the real one. What the engine cannot decide alone (Enter, history, completion ...)
// comes back as a request.
// Offsets are in bytes of UTF-8. Texts are borrowed until the next call.
#ifndef LULL_EDIT_ENGINE_H
#define LULL_EDIT_ENGINE_H

#include "edit/keys.h"

struct engine;

enum engine_request {
  ENGINE_NONE,         // the key is done
  ENGINE_ENTER,        // Enter: run it or go on
  ENGINE_OLDER,        // up from the first row
  ENGINE_NEWER,        // down from the last row
  ENGINE_SUGGESTION,   // right at the end: accept the suggestion
  ENGINE_SUGGESTED_WORD,
  ENGINE_SEARCH,
  ENGINE_COMPLETE,
  ENGINE_COMPLETE_BACK,
  ENGINE_EOF,          // ^D on an empty text
  ENGINE_CLEAR,
  ENGINE_EDIT,
  ENGINE_QUOTE,        // the next key is text, whatever it is
  ENGINE_INTERRUPT,    // ^C, ^Z as characters
  ENGINE_SUSPEND,
};

// Reads ~/.editrc (for the program name lull). NULL with errno when there is no pseudo-terminal or no memory.
struct engine *engine_create(struct alloc *alloc);
void engine_destroy(struct engine *e);

// Gives one key (KEY_PASTE and KEY_NONE: nothing).
enum engine_request engine_feed(struct engine *e, struct key key);
// Leaves whatever the engine is in the middle of, with an empty text and no undo.
void engine_reset(struct engine *e);

// How keys edit from the next one on.
void engine_set_vi(struct engine *e, bool is_vi);
bool engine_is_vi(const struct engine *e);

const char *engine_text(const struct engine *e, size_t *len);
// Whether engine_text is all of the input: there was memory for it. What is not must not be run.
bool engine_is_whole(const struct engine *e);
size_t engine_cursor(const struct engine *e);
// Replaces the text; one step of undo.
void engine_set_text(struct engine *e, const char *text, size_t len, size_t cursor);
// Replaces [from, to) and puts the cursor behind what was inserted. One step of undo.
void engine_replace(struct engine *e, size_t from, size_t to, const char *text, size_t len);
void engine_insert(struct engine *e, const char *text, size_t len);

#endif
