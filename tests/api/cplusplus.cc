// A host in C++: the header as it stands, natives that catch their exceptions, handles that release themselves.
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "lull.h"

namespace {

struct closing {
  void operator()(struct lull *lull) const { lull_destroy(lull); }
};
using state = std::unique_ptr<struct lull, closing>;

int failures;

void check(bool is_right, const char *what)
{
  if (!is_right) failures++;
  std::printf("%s - %s\n", is_right ? "ok" : "not ok", what);
}

std::string eval(struct lull *lull, const std::string &text)
{
  struct lull_ref *value = nullptr;
  struct buf *out = lull_buf_create(lull);
  enum lull_outcome outcome = lull_eval(lull, 1, "test", text.data(), text.size(), &value);
  if (outcome == LULL_VALUE) lull_inspect(lull, value, 1000, out);
  else if (value) lull_report(lull, value, out);
  size_t len;
  const char *bytes = lull_buf_text(out, &len);
  std::string result(bytes, len);
  lull_buf_destroy(out);
  lull_ref_release(lull, value);
  return result;
}

// No exception may leave a native.
enum lull_status to_number(struct lull_call *c) noexcept
{
  const char *text;
  if (!lull_arg_string(c, 0, &text, nullptr)) return LULL_THROW;
  try {
    return lull_return(c, lull_int(std::stoll(text)));
  } catch (const std::exception &e) {
    return lull_throw(c, "ValueError", "to_number: %s", e.what());
  }
}

// On a stack of its own: destructors run when the call fails.
enum lull_status gather(struct lull_call *c) noexcept
{
  return lull_on_stack(c, 0, [](struct lull_call *own) -> enum lull_status {
    std::vector<std::int64_t> found;
    struct lull_value answer;
    for (int i = 0; i < 3; i++) {
      struct lull_value arg = lull_int(i);
      std::int64_t n = 0;
      if (!lull_call_here(own, lull_arg(own, 0), &arg, 1, &answer)) return lull_throw_value(own, answer);
      lull_get_int(answer, &n);
      found.push_back(n);
    }
    struct lull_value list = lull_list(lull_of(own));
    for (std::int64_t n : found) lull_list_push(lull_of(own), list, lull_int(n));
    return lull_return(own, list);
  });
}

const struct lull_native natives[] = {
  { "to_number", to_number, 1, 1, 0, "to_number(text)", "The number that a text begins with." },
  { "gather", gather, 1, 1, 1, "gather(f)", "f(0), f(1) and f(2)." },
};

bool open_module(struct lull *lull, struct lull_module *module) { return lull_module_add(lull, module, natives, 2); }

}  // namespace

LULL_PLUGIN("cplusplus", open_module);

int main()
{
  std::string printed;
  struct lull_host host = {};
  host.user = &printed;
  host.write = [](void *user, std::uint64_t, int, const char *bytes, std::size_t len) {
    static_cast<std::string *>(user)->append(bytes, len);
  };
  state lull(lull_create(nullptr, &host, 0));
  check(lull && lull_plugin.open(lull.get(), lull_define_module(lull.get(), "cpp")), "a module");
  check(eval(lull.get(), "print(cpp.to_number(\"42\") + 1)") == "nil" && printed == "43\n", "a native, and output");
  check(eval(lull.get(), "cpp.to_number(\"x\")").find("ValueError: to_number: stoll") != std::string::npos, "an exception");
  check(eval(lull.get(), "cpp.gather(n => { await sleep(0.001); n * n })") == "[0, 1, 4]", "calls from a body");
  check(eval(lull.get(), "cpp.gather(n => throw \"inside\")").find("inside") != std::string::npos, "destructors on the way out");
  std::printf("1..5\n");
  return failures > 0;
}
