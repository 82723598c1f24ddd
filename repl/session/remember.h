// What a session remembers of cells that have ended: of the newest their values (`_3`), errors and output; of others
// only their text. A cell is not forgotten while it has something running, nor with errors that :err has not listed.
#ifndef LULL_SESSION_REMEMBER_H
#define LULL_SESSION_REMEMBER_H

struct cell;
struct lull_ref;
struct session;

void remember_init(struct session *s);
// As `_3`, and as `_` where it is not nil.
void remember_value(struct session *s, const struct cell *cell, struct lull_ref *value);
// Gives back all values and errors.
void remember_no_values(struct session *s);
// Forgets the oldest cells where there are more than are to be remembered (`remembered` of the session).
void remember_trim(struct session *s);

#endif
