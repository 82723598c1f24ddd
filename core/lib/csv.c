// csv: tables as text (RFC 4180).
#include "builtin/texts.h"
#include "lib/lib.h"
#include "lib/parse.h"
#include "value/number.h"

// Reading

struct reader {
  struct call *c;
  const char *begin, *at, *end;
  char separator;
  bool has_numbers;
  u32 turn;  // fields met
  struct buf scratch;  // of fields with quotes inside
};

static enum native_status fail(struct reader *r, const char *at, const char *message)
{
  struct position p = position_in(r->begin, (size_t)(at - r->begin));
  return throw_error(r->c->vm, r->c->vm->errors.value, "csv.parse: line %zu, column %zu: %s", p.line, p.column,
                     message);
}

static bool is_line_end(const struct reader *r, const char *s) { return s == r->end || *s == '\n' || *s == '\r'; }

static void skip_line_end(struct reader *r)
{
  if (r->at < r->end && *r->at == '\r') r->at++;
  if (r->at < r->end && *r->at == '\n') r->at++;
}

// A number as JSON writes it: what has leading zeros, such as a telephone number, is text.
static Value number_of(struct heap *heap, struct text t)
{
  const char *digits = t.s + (t.len && *t.s == '-');
  u32 len = t.len - (u32)(digits - t.s);
  double d;
  bool is_plain = len > 0 && *digits >= '0' && *digits <= '9' && (*digits != '0' || len == 1 || digits[1] == '.' ||
                                                                 (digits[1] | 0x20) == 'e');
  const char *point = memchr(digits, '.', len);
  is_plain &= !point || (point + 1 < digits + len && point[1] >= '0' && point[1] <= '9');
  if (!is_plain || memchr(digits, '_', len)) return UNSET;
  Value n = number_parse_int(heap, t.s, t.len, 10);
  if (is_unset(n) && number_parse_float(t.s, t.len, &d) && d - d == 0) n = value_float(d);
  return n;
}

// UNSET without memory.
static Value make_field(struct reader *r, struct text t, bool is_quoted)
{
  Value n = r->has_numbers && !is_quoted ? number_of(r->c->heap, t) : UNSET;
  if (!is_unset(n)) return n;
  struct string *s = string_new(r->c->heap, t.s, t.len);
  return s && !r->c->heap->exhausted ? value_object(s) : UNSET;
}

// Behind an opening quote; r->at ends up behind the closing one. False: thrown.
static bool read_quoted(struct reader *r, struct text *t)
{
  const char *from = r->at, *quote;
  buf_clear(&r->scratch);
  for (;;) {
    quote = memchr(r->at, '"', (size_t)(r->end - r->at));
    if (!quote) {
      fail(r, from - 1, "this quote is never closed");
      return false;
    }
    if (quote + 1 == r->end || quote[1] != '"') break;
    buf_append(&r->scratch, from, (size_t)(quote + 1 - from));
    r->at = from = quote + 2;
  }
  r->at = quote + 1;
  if (!is_line_end(r, r->at) && *r->at != r->separator) {
    fail(r, r->at, "expected a separator or the end of the line behind the closing quote (a quote inside is \"\")");
    return false;
  }
  *t = (struct text){ from, (u32)(quote - from) };
  if (!r->scratch.len && !r->scratch.failed) return true;
  buf_append(&r->scratch, from, (size_t)(quote - from));
  if (r->scratch.failed) throw_memory(r->c->vm);
  *t = (struct text){ buf_text(&r->scratch), (u32)r->scratch.len };
  return !r->scratch.failed;
}

static bool read_field(struct reader *r, struct list *row)
{
  if (native_must_stop_at(r->c, r->turn++)) return false;
  bool is_quoted = r->at < r->end && *r->at == '"';
  struct text t = { r->at, 0 };
  if (is_quoted) {
    r->at++;
    if (!read_quoted(r, &t)) return false;
  } else {
    while (!is_line_end(r, r->at) && *r->at != r->separator) r->at++;
    t.len = (u32)(r->at - t.s);
  }
  Value v = make_field(r, t, is_quoted);
  if (!is_unset(v) && list_push(r->c->heap, row, v)) return true;
  throw_memory(r->c->vm);
  return false;
}

// The fields of the next line that is not empty, in [row]; *is_end where there is none.
static bool read_row(struct reader *r, struct list *row, const char **start, bool *is_end)
{
  while (r->at < r->end && is_line_end(r, r->at)) r->at++;
  *is_end = r->at == r->end;
  *start = r->at;
  row->len = 0;
  if (*is_end) return true;
  for (;;) {
    if (!read_field(r, row)) return false;
    if (is_line_end(r, r->at)) break;
    r->at++;
  }
  skip_line_end(r);
  return true;
}

static Value make_record(struct reader *r, const struct list *header, const struct list *row, const char *start)
{
  struct heap *heap = r->c->heap;
  if (row->len > header->len) {
    struct position p = position_in(r->begin, (size_t)(start - r->begin));
    throw_error(r->c->vm, r->c->vm->errors.value, "csv.parse: line %zu: %u fields, but the header has %u", p.line,
                row->len, header->len);
    return UNSET;
  }
  struct map *m = map_new(heap, header->len);
  for (u32 i = 0; m && i < header->len; i++) {
    if (!map_set(heap, m, header->items[i], i < row->len ? row->items[i] : NIL)) m = NULL;
  }
  if (m) return value_object(m);
  throw_memory(r->c->vm);
  return UNSET;
}

static Value make_row(struct reader *r, const struct list *row)
{
  struct list *own = list_new(r->c->heap, row->len);
  if (own && list_append(r->c->heap, own, row->items, row->len)) return value_object(own);
  throw_memory(r->c->vm);
  return UNSET;
}

// Names are given once each, or fields would be lost; as one string each, maps find them faster.
static bool check_header(struct reader *r, struct list *header)
{
  struct lull *vm = r->c->vm;
  struct map *seen = map_new(&vm->heap, header->len);
  for (u32 i = 0; seen && i < header->len; i++) {
    if (!IS_STRING(header->items[i])) {
      throw_error(vm, vm->errors.type, "csv.parse: names of the header are strings, not %s",
                  type_name(vm, header->items[i]));
      return false;
    }
    struct string *name = AS_STRING(header->items[i]);
    const char *text = string_bytes(&vm->heap, name);
    if (name->len <= 64 && !(name = string_intern(&vm->heap, &vm->names, text, name->len))) break;
    if (!is_unset(map_get(&vm->heap, seen, value_object(name)))) {
      throw_error(vm, vm->errors.value, "csv.parse: the header has `%.*s` twice (header: false gives lists)",
                  (int)name->len, text);
      return false;
    }
    if (!map_set(&vm->heap, seen, value_object(name), NIL)) break;
    header->items[i] = value_object(name);
  }
  if (seen && seen->count == header->len) return true;
  throw_memory(vm);
  return false;
}

static struct list *read_rows(struct reader *r, struct list *header, bool has_header)
{
  struct heap *heap = r->c->heap;
  struct list *rows = list_new(heap, 0), *row = list_new(heap, 0);
  const char *start;
  bool is_end = false;
  if (!rows || !row || (has_header && !header && !(header = list_new(heap, 0)))) goto no_memory;
  if (has_header && !header->len) {
    bool has_numbers = r->has_numbers;
    r->has_numbers = false;
    if (!read_row(r, header, &start, &is_end)) return NULL;
    r->has_numbers = has_numbers;
  }
  if (has_header && !check_header(r, header)) return NULL;
  while (!is_end) {
    if (!read_row(r, row, &start, &is_end)) return NULL;
    if (is_end) break;
    Value v = has_header ? make_record(r, header, row, start) : make_row(r, row);
    if (is_unset(v)) return NULL;
    if (!list_push(heap, rows, v)) goto no_memory;
  }
  return rows;
no_memory:
  throw_memory(r->c->vm);
  return NULL;
}

static bool arg_separator(struct call *c, u32 i, char *separator)
{
  struct string *s = NULL;
  *separator = ',';
  if (!arg_string_or(c, i, &s)) return false;
  if (!s) return true;
  *separator = *string_bytes(c->heap, s);
  if (s->len == 1 && !strchr("\"\r\n", *separator)) return true;
  throw_error(c->vm, c->vm->errors.value, "csv.%s: the separator must be one ASCII character, no quote or line end",
              c->native->name);
  return false;
}

// nil and true: taken from the data; false: none; a list: those names.
static bool arg_header(struct call *c, u32 i, bool *has_header, struct list **names)
{
  Value v = arg_given(c, i) ? c->args[i] : NIL;
  *names = NULL;
  *has_header = !is_same(v, FALSE);
  if (is_nil(v) || is_bool(v)) return true;
  if (!IS_LIST(v)) {
    arg_fail(c, i, "true, false or a list of names");
    return false;
  }
  *names = list_slice(c->heap, AS_LIST(v), 0, AS_LIST(v)->len);
  if (!*names) throw_memory(c->vm);
  return *names != NULL;
}

static enum native_status csv_parse(struct call *c)
{
  struct text t;
  struct reader r = { .c = c, .has_numbers = arg_has(c, 3) && !is_falsy(c->args[3]) };
  bool has_header;
  struct list *header;
  if (!arg_text(c, 0, &t) || !arg_header(c, 1, &has_header, &header) || !arg_separator(c, 2, &r.separator))
    return NATIVE_THROW;
  r.begin = r.at = t.s;
  r.end = t.s + t.len;
  if (t.len >= 3 && memcmp(t.s, "\xEF\xBB\xBF", 3) == 0) r.at += 3;
  buf_init(&r.scratch, &c->vm->alloc);
  struct list *rows = read_rows(&r, header, has_header);
  buf_fini(&r.scratch);
  return rows ? native_return(c, value_object(rows)) : NATIVE_THROW;
}

// Writing. The text grows in the printer, which may have to call to_string for a field.

enum { TEXT_PRINTER, TEXT_HEADER, TEXT_ROW, TEXT_COLUMN, TEXT_START, TEXT_LOCALS };

static u64 *counter(struct call *c, u32 local) { return &c->locals[local].bits; }

// The keys of all rows, in the order in which they come up; NULL: thrown, or *is_none as the rows are lists.
static struct list *gather_header(struct call *c, const struct list *rows)
{
  struct heap *heap = c->heap;
  struct list *names = list_new(heap, 0);
  struct map *seen = set_new(heap, 0);
  for (u32 i = 0; names && seen && i < rows->len; i++) {
    if (heap_must_stop_at(heap, i)) return NULL;
    if (!IS_MAP(rows->items[i])) continue;
    const struct map *m = AS_MAP(rows->items[i]);
    for (u32 at = map_next(m, 0); at < m->used; at = map_next(m, at + 1)) {
      Value key = m->entries[at].key;
      if (map_find(heap, seen, key) >= 0) continue;
      if (!map_set(heap, seen, key, NIL) || !list_push(heap, names, key)) return NULL;
    }
  }
  return seen ? names : NULL;
}

static bool needs_quotes(const char *s, size_t len, char separator, bool is_alone)
{
  if (len == 0) return is_alone;
  for (size_t i = 0; i < len; i++) {
    if (s[i] == separator || s[i] == '"' || s[i] == '\n' || s[i] == '\r') return true;
  }
  // A byte order mark at the beginning of the text would be skipped.
  return s[0] == ' ' || s[len - 1] == ' ' || (len >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0);
}

// The field that begins at [start] is complete: quotes it where it has to be. An empty line would be no row.
static void finish_field(struct buf *out, size_t start, char separator, bool is_alone)
{
  size_t len = out->len - start;
  if (out->failed || !needs_quotes(buf_text(out) + start, len, separator, is_alone)) return;
  struct buf plain;
  buf_init(&plain, out->alloc);
  buf_append(&plain, buf_text(out) + start, len);
  buf_truncate(out, start);
  buf_putc(out, '"');
  const char *s = buf_text(&plain);
  for (size_t i = 0; i < plain.len; i++) {
    if (s[i] == '"') buf_putc(out, '"');
    buf_putc(out, s[i]);
  }
  buf_putc(out, '"');
  out->failed |= plain.failed;
  buf_fini(&plain);
}

// Field [at] of a row, which is the header itself at row 0.
static Value field_at(struct call *c, Value row, u32 at)
{
  if (IS_LIST(row)) return AS_LIST(row)->items[at];
  Value v = map_get(c->heap, AS_MAP(row), AS_LIST(c->locals[TEXT_HEADER])->items[at]);
  return is_unset(v) ? NIL : v;
}

// Writes a row from the column reached on.
static enum part put_row(struct call *c, Value row, char separator, bool is_answered)
{
  u32 width = IS_LIST(row) ? AS_LIST(row)->len : AS_LIST(c->locals[TEXT_HEADER])->len;
  struct buf *out = &texts_printer(c, TEXT_PRINTER)->out;
  for (u64 *column = counter(c, TEXT_COLUMN); *column < width; ++*column) {
    enum part p = PART_DONE;
    if (native_must_stop_at(c, *column)) return PART_THROW;
    if (!is_answered) {
      if (*column) buf_putc(out, separator);
      *counter(c, TEXT_START) = out->len;
      Value v = field_at(c, row, (u32)*column);
      if (!is_nil(v)) p = texts_put(c, TEXT_PRINTER, v);
    } else {
      p = texts_resume(c, TEXT_PRINTER);
    }
    if (p != PART_DONE) return p;
    is_answered = false;
    finish_field(out, *counter(c, TEXT_START), separator, width == 1);
  }
  buf_putc(out, '\n');
  *counter(c, TEXT_COLUMN) = 0;
  return PART_DONE;
}

// Chooses the columns; the rows begin at 1, or at 0 where the header is to be written first.
static enum native_status begin_text(struct call *c, struct list *rows)
{
  bool has_header;
  struct list *header;
  if (!arg_header(c, 1, &has_header, &header)) return NATIVE_THROW;
  if (!header) header = gather_header(c, rows);
  if (!header) return throw_memory(c->vm);
  texts_begin(c, TEXT_PRINTER, false);
  c->locals[TEXT_HEADER] = value_object(header);
  c->locals[TEXT_ROW] = value_raw(!has_header || header->len == 0);
  c->locals[TEXT_COLUMN] = c->locals[TEXT_START] = value_raw(0);
  return NATIVE_OK;
}

static enum native_status csv_text(struct call *c)
{
  struct list *rows;
  char separator;
  if (!arg_list(c, 0, &rows) || !arg_separator(c, 2, &separator)) return NATIVE_THROW;
  bool is_answered = c->step > 0;
  if (!is_answered && begin_text(c, rows) != NATIVE_OK) return NATIVE_THROW;
  for (u64 *at = counter(c, TEXT_ROW); *at <= rows->len; ++*at) {
    Value row = *at ? rows->items[*at - 1] : c->locals[TEXT_HEADER];
    if (native_must_stop_at(c, *at)) return NATIVE_THROW;
    if (!IS_LIST(row) && !IS_MAP(row)) {
      return throw_error(c->vm, c->vm->errors.type, "csv.text: rows must be maps or lists, not %s",
                         type_name(c->vm, row));
    }
    enum part p = put_row(c, row, separator, is_answered);
    if (p != PART_DONE) return part_leave(p);
    is_answered = false;
  }
  return texts_return(c, TEXT_PRINTER);
}

static const struct native natives[] = {
  { .name = "parse",
    .fn = csv_parse,
    .required = 1,
    .max = 4,
    .usage = "parse(text, header = true, separator = \",\", numbers = false)",
    .doc = "The rows of a table as maps from the names in its first line to the fields, which are strings.\n"
           "With [header] a list of names, those are taken and the first line is a row; with false the rows are lists.\n"
           "Text is a string or bytes; fields in quotes may hold separators and line ends; empty lines are skipped.\n"
           "Fields a row lacks are nil; more than the header has are a ValueError, as is a name given twice. With\n"
           "[numbers], fields that are numbers and stand without quotes become ints and floats.\n"
           "    csv.parse(\"name,age\\nMia,42\\n\")  # [{name: \"Mia\", age: \"42\"}]" },
  { .name = "text",
    .fn = csv_text,
    .required = 1,
    .max = 3,
    .locals = TEXT_LOCALS,
    .usage = "text(rows, header = true, separator = \",\")",
    .doc = "A list of rows, maps or lists, as text: a line each, quoted where it has to be.\n"
           "Of maps the first line holds the keys of all of them, or the names [header] lists, which choose the columns;\n"
           "with false it is left out. nil is an empty field, anything else its text as print shows it.\n"
           "    csv.text([{a: 1, b: \"x,y\"}])    # \"a,b\\n1,\\\"x,y\\\"\\n\"" },
};

bool lib_open_csv(struct lull *vm, struct module *m)
{
  return module_add_natives(vm, m, natives, COUNT_OF(natives));
}
