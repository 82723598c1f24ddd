// sqlite: values that go into queries and come out of them.
#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "lib/sqlite.h"
#include "value/bytes.h"
#include "value/list.h"
#include "value/map.h"
#include "value/number.h"

// Into

static bool put_value(struct call *c, struct sqlite_job *j, struct sqlite_value *b, Value v)
{
  *b = (struct sqlite_value){ .type = SQLITE_NULL, .at = j->values.len, .name = b->name, .is_named = b->is_named };
  if (is_nil(v)) return true;
  if (is_int(v) || is_bool(v)) {
    b->type = SQLITE_INTEGER;
    b->integer = is_int(v) ? as_int(v) : v.tag == TAG_TRUE;
  } else if (is_float(v)) {
    b->type = SQLITE_FLOAT;
    b->real = as_float(v);
  } else if (IS_STRING(v)) {
    b->type = SQLITE_TEXT;
    string_write(AS_STRING(v), &j->values);
  } else if (IS_BYTES(v)) {
    b->type = SQLITE_BLOB;
    buf_append(&j->values, AS_BYTES(v)->data, AS_BYTES(v)->len);
  } else {
    const char *hint = IS_BIGINT(v) ? " (an int of more than 64 bits: string(n) is text)" : "";
    throw_error(c->vm, c->vm->errors.type, "%s: a value must be nil, a bool, an int, a float, a string or bytes, not %s%s",
                c->native->name, type_name(c->vm, v), hint);
    return false;
  }
  b->len = j->values.len - b->at;
  return true;
}

static bool put(struct call *c, struct sqlite_job *j, struct sqlite_value *b, Value v)
{
  if (!put_value(c, j, b, v)) return false;
  if (!j->values.failed && vec_push(&j->job.alloc, &j->args, *b)) return true;
  throw_memory(c->vm);
  return false;
}

static bool put_named(struct call *c, struct sqlite_job *j, const struct map *m)
{
  for (u32 i = map_next(m, 0); i < m->used; i = map_next(m, i + 1)) {
    Value key = m->entries[i].key;
    struct sqlite_value b = { .is_named = true, .name = j->values.len };
    if (!IS_STRING(key)) {
      throw_error(c->vm, c->vm->errors.type, "%s: the names of values must be strings, not %s", c->native->name,
                  type_name(c->vm, key));
      return false;
    }
    string_write(AS_STRING(key), &j->values);
    buf_append(&j->values, "", 1);
    if (!put(c, j, &b, m->entries[i].value)) return false;
  }
  return true;
}

bool sqlite_arg_query(struct call *c, u32 i, struct sqlite_job *j)
{
  struct string *sql;
  if (!arg_string(c, i, &sql)) return false;
  string_write(sql, &j->sql);
  if (j->sql.failed) return throw_memory(c->vm), false;
  if (memchr(j->sql.data ? j->sql.data : "", 0, j->sql.len)) {
    throw_error(c->vm, c->vm->errors.value, "%s: sql holds a NUL", c->native->name);
    return false;
  }
  if (c->count == i + 2 && IS_MAP(c->args[i + 1])) return put_named(c, j, AS_MAP(c->args[i + 1]));
  for (u32 k = i + 1; k < c->count; k++) {
    struct sqlite_value b = { 0 };
    if (!put(c, j, &b, c->args[k])) return false;
  }
  return true;
}

// Out of

static Value cell_value(struct sqlite_job *j, const struct sqlite_cell *cell)
{
  struct heap *heap = &j->job.vm->heap;
  const char *bytes = buf_text(&j->result) + cell->at;
  void *object;
  switch (cell->type) {
  case SQLITE_INTEGER: return value_int(cell->integer);
  case SQLITE_FLOAT: return value_float(cell->real);
  case SQLITE_NULL: return NIL;
  default:
    // Text is what is declared as such: other programs may have put in anything.
    object = cell->type == SQLITE_TEXT && utf8_valid_prefix(bytes, cell->len) == cell->len
                 ? (void *)string_new(heap, bytes, cell->len)
                 : (void *)bytes_new(heap, bytes, cell->len);
    return object ? value_object(object) : UNSET;
  }
}

Value sqlite_row(struct sqlite_job *j, u32 row)
{
  struct lull *vm = j->job.vm;
  struct map *m = map_new(&vm->heap, j->columns.len);
  for (u32 i = 0; m && i < j->columns.len; i++) {
    struct string *name = vm_intern(vm, buf_text(&j->result) + j->columns.data[i]);
    Value v = cell_value(j, &j->cells.data[row * j->columns.len + i]);
    if (!name || is_unset(v) || !map_set(&vm->heap, m, value_object(name), v)) return UNSET;
  }
  return m ? value_object(m) : UNSET;
}

bool sqlite_finish_rows(struct job *job, Value *value)
{
  struct sqlite_job *j = sqlite_job(job);
  u32 count = j->columns.len ? j->cells.len / j->columns.len : 0;
  struct list *list = list_new(&job->vm->heap, count);
  for (u32 i = 0; list && i < count; i++) {
    Value row = sqlite_row(j, i);
    if (is_unset(row) || !list_push(&job->vm->heap, list, row)) list = NULL;
  }
  return job_object(job, value, list);
}

bool sqlite_finish_row(struct job *job, Value *value)
{
  struct sqlite_job *j = sqlite_job(job);
  *value = j->cells.len ? sqlite_row(j, 0) : NIL;
  if (!is_unset(*value)) return true;
  *value = job_memory_error(job->vm);
  return false;
}

bool sqlite_finish_changes(struct job *job, Value *value)
{
  struct lull *vm = job->vm;
  const struct sqlite_job *j = sqlite_job(job);
  struct map *m = map_new(&vm->heap, 2);
  struct string *changes = vm_intern(vm, "changes"), *last = vm_intern(vm, "last_id");
  bool ok = m && changes && last && map_set(&vm->heap, m, value_object(changes), value_int(j->changes)) &&
            map_set(&vm->heap, m, value_object(last), value_int(j->last_id));
  return job_object(job, value, ok ? m : NULL);
}

bool sqlite_finish_nil(struct job *job, Value *value)
{
  (void)job;
  *value = NIL;
  return true;
}

// Errors

static const char *code_name(int code)
{
  static const char *const names[] = {
    [SQLITE_ERROR] = "SQLITE_ERROR",           [SQLITE_INTERNAL] = "SQLITE_INTERNAL", [SQLITE_PERM] = "SQLITE_PERM",
    [SQLITE_ABORT] = "SQLITE_ABORT",           [SQLITE_BUSY] = "SQLITE_BUSY",         [SQLITE_LOCKED] = "SQLITE_LOCKED",
    [SQLITE_NOMEM] = "SQLITE_NOMEM",           [SQLITE_READONLY] = "SQLITE_READONLY", [SQLITE_INTERRUPT] = "SQLITE_INTERRUPT",
    [SQLITE_IOERR] = "SQLITE_IOERR",           [SQLITE_CORRUPT] = "SQLITE_CORRUPT",   [SQLITE_FULL] = "SQLITE_FULL",
    [SQLITE_CANTOPEN] = "SQLITE_CANTOPEN",     [SQLITE_PROTOCOL] = "SQLITE_PROTOCOL", [SQLITE_SCHEMA] = "SQLITE_SCHEMA",
    [SQLITE_TOOBIG] = "SQLITE_TOOBIG",         [SQLITE_MISMATCH] = "SQLITE_MISMATCH", [SQLITE_MISUSE] = "SQLITE_MISUSE",
    [SQLITE_CONSTRAINT] = "SQLITE_CONSTRAINT", [SQLITE_AUTH] = "SQLITE_AUTH",         [SQLITE_RANGE] = "SQLITE_RANGE",
    [SQLITE_NOTADB] = "SQLITE_NOTADB",
  };
  u32 primary = (u32)code & 0xff;
  return primary < COUNT_OF(names) && names[primary] ? names[primary] : "SQLITE_ERROR";
}

#define SQL_SHOWN 100

Value sqlite_error(struct job *job)
{
  struct lull *vm = job->vm;
  struct sqlite_job *j = sqlite_job(job);
  struct buf text;
  buf_init(&text, &vm->alloc);
  buf_printf(&text, "%s: ", job->type->name);
  buf_append_text(&text, buf_text(&j->message), j->message.len);
  const char *sql = j->sql.len ? buf_text(&j->sql) : buf_text(&sqlite_database(job)->path);
  size_t len = strlen(sql) > SQL_SHOWN ? SQL_SHOWN : strlen(sql);
  buf_puts(&text, j->sql.len ? " (in: " : ": ");
  buf_append_text(&text, sql, utf8_valid_prefix(sql, len));
  if (sql[len]) buf_puts(&text, "...");
  if (j->sql.len) buf_putc(&text, ')');
  struct instance *e = error_new(vm, vm->errors.io, string_from_buf(&vm->heap, &text));
  buf_fini(&text);
  struct string *code = vm_intern(vm, code_name(j->code));
  if (!code || !instance_set(&vm->heap, &vm->shapes, e, vm->known.code, value_object(code))) vm->heap.exhausted = true;
  return value_object(e);
}
