#include "routes.h"

#include <string.h>

// One segment of the path against one of the pattern.
static bool take_segment(struct lull *lull, struct lull_value params, const char *pattern, size_t pattern_len,
                         const char *path, size_t path_len)
{
  if (pattern_len > 1 && pattern[0] == ':') {
    return path_len > 0 && lull_map_set(lull, params, lull_string(lull, pattern + 1, pattern_len - 1),
                                        lull_string(lull, path, path_len));
  }
  return pattern_len == path_len && memcmp(pattern, path, path_len) == 0;
}

// False: it does not fit. A last segment "*" takes the rest.
static bool fits(struct lull *lull, struct lull_value params, const char *pattern, const char *path)
{
  for (;;) {
    size_t want = strcspn(pattern, "/"), have = strcspn(path, "/");
    if (want == 1 && *pattern == '*' && !pattern[1])
      return lull_map_put(lull, params, "*", lull_string_of(lull, path));
    if (!take_segment(lull, params, pattern, want, path, have)) return false;
    pattern += want;
    path += have;
    if (!*pattern || !*path) return *pattern == *path;
    pattern++;
    path++;
  }
}

static bool is_method(const char *route, size_t len, const char *method)
{
  if (len == strlen(method) && memcmp(route, method, len) == 0) return true;
  return len == 3 && memcmp(route, "GET", 3) == 0 && strcmp(method, "HEAD") == 0;
}

struct lull_value routes_find(struct exchange *e, struct lull_value routes, unsigned *status)
{
  struct lull *lull = e->lull;
  const char *method = lull_get_string(lull, e->method, NULL), *path = lull_get_string(lull, e->path, NULL);
  struct lull_value key, handler;
  *status = MHD_HTTP_NOT_FOUND;
  for (uint32_t at = 0; lull_map_next(routes, &at, &key, &handler);) {
    const char *route = lull_get_string(lull, key, NULL);
    if (!route) continue;
    size_t len = strcspn(route, " ");
    bool has_method = route[len] == ' ';
    struct lull_value params = lull_map(lull);
    if (!fits(lull, params, has_method ? route + len + 1 : route, path)) continue;
    if (has_method && !is_method(route, len, method)) {
      *status = MHD_HTTP_METHOD_NOT_ALLOWED;
      continue;
    }
    lull_store(lull, e, &e->params, params);
    return handler;
  }
  return lull_absent();
}
