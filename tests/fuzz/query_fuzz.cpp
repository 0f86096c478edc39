#include <cstddef>
#include <cstdint>

#include "fuzz/check.hpp"
#include "sluice/core/encoding.hpp"
#include "sluice/core/query.hpp"
#include "sluice/core/text.hpp"

using namespace sluice;
using fuzz::check;

namespace {

void check_query(std::string_view text) {
  Query query = Query::parse(text);
  check(query.parameters().size() <= split(text, '&').size(), "at most one parameter per part");
  check(Query::parse(query.encode()).parameters() == query.parameters(),
        "encode is undone by parse");
  if (query.parameters().empty()) return;

  const std::string name = query.parameters().front().first;
  check(query.get(name).has_value(), "a parameter is found by its name");
  query.set(name, "new");
  check(query.get(name) == "new" && query.parameters().front().second == "new", "set replaces");
  const std::size_t before = query.parameters().size();
  query.remove(name);
  check(!query.get(name) && query.parameters().size() == before - 1, "set leaves one to remove");
}

void check_encodings(std::string_view text) {
  check(form_decode(form_encode(text)) == text, "form encoding is undone");
  check(base64_decode(base64url_encode(text)) == text, "base64 is undone");
  check(percent_decode(text).size() <= text.size(), "percent-decoding never grows");
  const std::string legal = encode_illegal(text);
  check(encode_illegal(legal) == legal, "encode_illegal is done after one pass");
  check(percent_decode(legal) == percent_decode(text), "encode_illegal keeps the meaning");
  if (const auto bytes = base64_decode(text)) {
    check(base64_decode(base64url_encode(*bytes)) == bytes, "decoded base64 can be encoded again");
  }
  check(is_utf8(text) || has_illegal(text), "ASCII is UTF-8");
}

}  // namespace

/// Input: a query string, also taken as text to encode and decode.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_query(text);
  check_encodings(text);
  return 0;
}
