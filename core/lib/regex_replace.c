// regex: replacing and splitting.
#include "lib/regex.h"

// What is under way while a function of the program makes the text of a match.
struct replacement {
  struct box box;
  struct alloc *alloc;
  struct buf out;
  size_t at;      // where the next search begins
  size_t copied;  // the text up to here is in out
  bool was_empty, has_any;
  u32 left;  // matches that may still be replaced
};

static void finish(struct heap *heap, struct object *o)
{
  struct replacement *job = (struct replacement *)(void *)o;
  (void)heap;
  if (job->alloc) buf_fini(&job->out);
}

static const struct native_class replacement_class = {
  .name = "replacement",
  .size = sizeof(struct replacement),
  .finish = finish,
};

static struct replacement *begin(struct call *c)
{
  struct replacement *job = box_new(c->vm, &replacement_class);
  if (!job) {
    throw_memory(c->vm);
    return NULL;
  }
  job->alloc = &c->vm->alloc;
  job->left = UINT32_MAX;
  buf_init(&job->out, job->alloc);
  c->locals[0] = value_object(job);
  return job;
}

static bool put_group(struct call *c, const struct regex *r, struct text t, i64 group, struct text name, struct buf *out)
{
  size_t from, to;
  if (group < 0 || group > r->groups) {
    throw_error(c->vm, c->vm->errors.value, "regex.replace: the pattern has no group `%.*s` ($$ is a dollar)",
                (int)name.len, name.s);
    return false;
  }
  if (regex_group(r, (u32)group, &from, &to)) buf_append(out, t.s + from, to - from);
  return true;
}

// Behind a `$`: writes what it stands for and gives the place behind that. NULL: thrown.
static const char *put_reference(struct call *c, const struct regex *r, struct text t, const char *s, const char *end,
                                 struct buf *out)
{
  const char *close = s < end && *s == '<' ? memchr(s, '>', (size_t)(end - s)) : NULL;
  if (close) {
    struct text name = { s + 1, (u32)(close - s - 1) };
    return put_group(c, r, t, regex_group_number(r, name.s, name.len), name, out) ? close + 1 : NULL;
  }
  if (s < end && *s == '&') return put_group(c, r, t, 0, (struct text){ s, 1 }, out) ? s + 1 : NULL;
  if (s < end && *s >= '0' && *s <= '9') {
    // Two digits where there is such a group.
    i64 group = *s - '0';
    u32 len = 1;
    if (s + 1 < end && s[1] >= '0' && s[1] <= '9' && group * 10 + (s[1] - '0') <= r->groups) {
      group = group * 10 + (s[1] - '0');
      len = 2;
    }
    return put_group(c, r, t, group, (struct text){ s, len }, out) ? s + len : NULL;
  }
  buf_putc(out, '$');
  return s < end && *s == '$' ? s + 1 : s;
}

static bool put_template(struct call *c, const struct regex *r, struct text t, struct text new, struct buf *out)
{
  const char *s = new.s, *end = new.s + new.len;
  while (s && s < end) {
    const char *dollar = memchr(s, '$', (size_t)(end - s));
    buf_append(out, s, (size_t)((dollar ? dollar : end) - s));
    s = dollar ? put_reference(c, r, t, dollar + 1, end, out) : end;
  }
  return s != NULL;
}

static bool take_answer(struct call *c, struct replacement *job)
{
  if (!IS_STRING(c->value)) {
    throw_error(c->vm, c->vm->errors.type, "regex.replace: the function must give a string, not %s",
                type_name(c->vm, c->value));
    return false;
  }
  string_write(AS_STRING(c->value), &job->out);
  return true;
}

// The next match: what lies before it is copied already, what takes its place is still to be written.
static enum regex_found take_match(struct call *c, struct replacement *job, struct regex *r, struct text t)
{
  struct regex_walk w = { .regex = r, .text = t, .at = job->at, .was_empty = job->was_empty };
  enum regex_found found = job->left ? regex_next(c, &w) : REGEX_NONE;
  if (found != REGEX_FOUND) return found;
  buf_append(&job->out, t.s + job->copied, w.from - job->copied);
  job->at = job->copied = w.to;
  job->was_empty = w.was_empty;
  job->has_any = true;
  job->left--;
  return found;
}

static enum native_status call_function(struct call *c, struct regex *r, struct text t)
{
  struct code_points points = code_points_of(c, 1);
  Value match = regex_match_value(c, r, t, &points);
  return is_unset(match) ? throw_memory(c->vm) : native_call(c, c->args[2], &match, 1);
}

enum native_status regex_fn_replace(struct call *c)
{
  struct regex *r = arg_regex(c, 0);
  struct string *text;
  bool is_template = IS_STRING(c->args[2]);
  if (!r || !arg_string(c, 1, &text) || (!is_template && !arg_callable(c, 2))) return NATIVE_THROW;
  struct replacement *job = c->step ? (struct replacement *)(void *)as_object(c->locals[0]) : begin(c);
  if (!job || (c->step ? !take_answer(c, job) : !arg_count_or(c, 3, &job->left))) return NATIVE_THROW;
  struct text t = text_of(c, 1), new = is_template ? text_of(c, 2) : (struct text){ 0 };
  enum regex_found found;
  while ((found = take_match(c, job, r, t)) == REGEX_FOUND) {
    if (!is_template) return call_function(c, r, t);
    if (!put_template(c, r, t, new, &job->out)) return NATIVE_THROW;
    if (job->out.failed) return throw_memory(c->vm);
  }
  if (found == REGEX_THROWN) return NATIVE_THROW;
  if (!job->has_any) return native_return(c, c->args[1]);
  buf_append(&job->out, t.s + job->copied, t.len - job->copied);
  return return_text(c, &job->out);
}

// Empty matches cut between characters, but not before the first, behind the last, or at the end of another match.
enum native_status regex_fn_split(struct call *c)
{
  struct string *text;
  u32 limit = UINT32_MAX;
  struct regex_walk w = { .regex = arg_regex(c, 0) };
  if (!w.regex || !arg_string(c, 1, &text) || !arg_count_or(c, 2, &limit)) return NATIVE_THROW;
  struct text t = w.text = text_of(c, 1);
  struct list *parts = list_new(c->heap, 0);
  size_t copied = 0;
  enum regex_found found = REGEX_NONE;
  while (parts && limit && (found = regex_next(c, &w)) == REGEX_FOUND) {
    if (w.from == w.to && (w.from == copied || w.from == t.len)) continue;
    if (!text_push(c, parts, (struct text){ t.s + copied, (u32)(w.from - copied) })) parts = NULL;
    copied = w.to;
    limit--;
  }
  if (found == REGEX_THROWN) return NATIVE_THROW;
  bool is_made = parts && text_push(c, parts, (struct text){ t.s + copied, (u32)(t.len - copied) });
  return return_object(c, is_made ? parts : NULL);
}
