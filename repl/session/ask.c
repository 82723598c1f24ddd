// input() in a session: the cell in front gets the prompt line; the background has nobody to ask.
#include "session/state.h"

void ask_begin(struct session *s, u64 cell, const char *prompt, size_t len, struct lull_ref *question)
{
  if (!s->foreground || s->foreground->number != cell) {
    lull_refuse(s->lull, question, "input: the cell is in the background; it can ask in front");
    return;
  }
  if (s->question) {
    lull_refuse(s->lull, question, "input: another question is open");
    return;
  }
  s->question = lull_ref_keep(s->lull, question);
  buf_clear(&s->question_prompt);
  buf_append(&s->question_prompt, prompt, len);
  ask_show(s);
}

// The prompt of a question comes when its cell is in front: at once, or when it gets there.
void ask_show(struct session *s)
{
  if (s->question && s->foreground) editor_show_prompt(s->editor, buf_text(&s->question_prompt));
}

bool ask_answer(struct session *s, const char *text, size_t len)
{
  struct lull_ref *question = s->question;
  if (!question) return false;
  s->question = NULL;
  lull_answer(s->lull, question, text, len);
  lull_ref_release(s->lull, question);
  return true;
}

bool ask_drop(struct session *s)
{
  struct lull_ref *question = s->question;
  if (!question) return false;
  s->question = NULL;
  if (editor_has_prompt(s->editor)) editor_hide(s->editor);
  lull_refuse(s->lull, question, "input: the question was left");
  lull_ref_release(s->lull, question);
  return true;
}
