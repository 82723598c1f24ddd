// Line input without a single escape: the terminal is dumb, or there is none (lull -i in a pipe). The terminal's own
// line discipline edits; an input
// may have several lines. Functions as in edit/editor.h, which calls these.
#ifndef LULL_EDIT_PLAIN_H
#define LULL_EDIT_PLAIN_H

#include "edit/editor.h"

struct plain;

struct plain *plain_create(const struct editor_config *config);
void plain_destroy(struct plain *p);
void plain_show_prompt(struct plain *p, const char *prompt);
void plain_hide(struct plain *p);
bool plain_has_prompt(const struct plain *p);
bool plain_interrupt(struct plain *p);
void plain_print_above(struct plain *p, const char *lines, size_t len);
void plain_pass(struct plain *p, const char *bytes, size_t len);
void plain_end_line(struct plain *p);
void plain_suspend(struct plain *p);
void plain_resume(struct plain *p);

#endif
