// A program under test on a real pseudo-terminal, with a model of its screen.
//
// Nothing here sleeps: every wait ends when its condition holds, or fails the test after a generous time with the screen in the report.
// Waits and term_close read what the program writes; the screen stands still between them. Whatever a failed test left open is closed by
// term_teardown.
#ifndef LULL_TESTS_TERM_H
#define LULL_TESTS_TERM_H

#include <stdbool.h>
#include <stddef.h>

#define KEY_UP "\x1b[A"
#define KEY_DOWN "\x1b[B"
#define KEY_RIGHT "\x1b[C"
#define KEY_LEFT "\x1b[D"
#define KEY_HOME "\x1b[H"
#define KEY_END "\x1b[F"
#define KEY_ENTER "\r"
#define KEY_BACKSPACE "\x7f"
#define CTRL(letter) ((char[]){(letter) & 0x1f, 0})

struct term;
struct term_point { int row, col; };
enum { TERM_BOLD = 1, TERM_UNDERLINE = 2, TERM_REVERSE = 4, TERM_ITALIC = 8, TERM_COLOR = 16 };

// Starts [program] with the arguments up to NULL in a folder of its own, which is its HOME too; its environment holds TERM, HOME, PATH,
// LC_ALL, TMPDIR, LULL_HISTORY and the sanitizers' options. The caller closes it.
struct term *term_open(int cols, int rows, const char *program, ...) __attribute__((sentinel));
// As term_open, in the folder of [before], which must be closed after this one: a second session of the same user.
struct term *term_open_beside(struct term *before, const char *program, ...) __attribute__((sentinel));
// The path of the lull under test.
const char *term_lull(void);
// The program's folder.
const char *term_home(const struct term *t);
// Adds NAME=VALUE to the environment of all that are opened after; value NULL takes it away. term_teardown forgets it.
void term_set_env(const char *name, const char *value);

void term_send(struct term *t, const char *text);
// Sends [text] and Enter.
void term_line(struct term *t, const char *text);
// As term_line, of cell number [cell], and waits for the prompt of the next.
void term_run(struct term *t, int cell, const char *text);
// Ctrl-D at an empty prompt: the session must end with 0.
void term_leave(struct term *t);
// Sends [text] as a terminal does that was told to bracket pastes; plain where it was not.
void term_paste(struct term *t, const char *text);
void term_resize(struct term *t, int cols, int rows);
void term_signal(struct term *t, int signal);
int term_pid(const struct term *t);

// Waits until a row of the screen holds [text].
void term_wait_text(struct term *t, const char *text);
void term_wait_gone(struct term *t, const char *text);
// Waits until the row the cursor is on is [text], but for blanks at its end: the prompt with what is typed.
void term_wait_line(struct term *t, const char *text);
// Waits until what was written so far, what has scrolled away included, holds [text] [count] times.
void term_wait_count(struct term *t, const char *text, int count);
void term_wait(struct term *t, bool (*holds)(struct term *t, void *user), void *user, const char *what);
// Waits until nothing was written for [seconds] and the program sleeps.
void term_wait_quiet(struct term *t, double seconds);
// Reads for [seconds] and fails as soon as the condition does not hold while nothing is left to read.
void term_hold(struct term *t, double seconds, bool (*holds)(struct term *t, void *user), void *user, const char *what);
// Waits until the program has ended; its status as waitpid tells it.
int term_wait_exit(struct term *t);

// Row n of the screen without the blanks at its end; valid until the same row is asked for again.
const char *term_row(struct term *t, int n);
// The row above the cursor's: what stands over the prompt.
const char *term_above(struct term *t);
// The screen's rows joined by newlines, without the empty ones at its end; valid until the next call.
const char *term_screen(struct term *t);
// As term_screen, with the rows that have scrolled away before it.
const char *term_all(struct term *t);
// How often [text] stands in term_all.
int term_count(struct term *t, const char *text);
// The lowest row that holds [text], or -1.
int term_find(struct term *t, const char *text);
struct term_point term_cursor(struct term *t);
bool term_cursor_visible(struct term *t);
int term_attrs(struct term *t, int row, int col);
bool term_brackets_pastes(struct term *t);
// Every byte the program wrote.
const char *term_bytes(struct term *t, size_t *len);

// Hangs up, waits for the end and removes the folder; the status as waitpid tells it.
int term_close(struct term *t);
// For cmocka: closes what a test left open.
int term_teardown(void **state);

// Fails unless the program exited with [code].
void assert_exited(int status, int code);

#endif
