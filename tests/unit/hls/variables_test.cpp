#include "sluice/hls/variables.hpp"

#include <string>

#include "sluice/hls/lines.hpp"
#include "sluice/hls/tag.hpp"
#include "support/catch.hpp"

using namespace sluice::hls;

namespace {

Variables of(std::string_view playlist, const Variables& imported = {},
             std::string_view query = {}) {
  Variables variables;
  LineReader reader(skip_byte_order_mark(playlist));
  while (const auto line = reader.next()) {
    const auto tag = parse_tag(line->text);
    REQUIRE((tag && tag->name == "EXT-X-DEFINE"));
    read_define(tag->value, {imported, query}, variables);
  }
  return variables;
}

std::string value(const Variables& variables, std::string_view name) {
  return std::string(variables.find(name).value_or("(none)"));
}

}  // namespace

TEST_CASE("Variables are read from EXT-X-DEFINE", "[hls][unit]") {
  Variables master;
  master.define("token", "a1");
  struct Row {
    const char* why;
    std::string_view playlist;
    std::string_view name;
    std::string_view want;
  };
  const Row rows[] = {
      {"a value", "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"x y\"\n", "a", "x y"},
      {"an empty value", "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"\"\n", "a", ""},
      {"without quotes", "#EXT-X-DEFINE:NAME=a,VALUE=x\n", "a", "x"},
      {"the first one counts",
       "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"1\"\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"2\"\n", "a", "1"},
      {"a value of values",
       "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"1\"\n#EXT-X-DEFINE:NAME=\"b\",VALUE=\"{$a}2\"\n", "b",
       "12"},
      {"a value of an unknown one", "#EXT-X-DEFINE:NAME=\"b\",VALUE=\"{$a}2\"\n", "b", "(none)"},
      {"imported", "#EXT-X-DEFINE:IMPORT=\"token\"\n", "token", "a1"},
      {"not in the master", "#EXT-X-DEFINE:IMPORT=\"other\"\n", "other", "(none)"},
      {"from the URL", "#EXT-X-DEFINE:QUERYPARAM=\"q\"\n", "q", "a&b"},
      {"not in the URL", "#EXT-X-DEFINE:QUERYPARAM=\"p\"\n", "p", "(none)"},
      {"a name with a blank", "#EXT-X-DEFINE:NAME=\"a b\",VALUE=\"1\"\n", "a b", "(none)"},
      {"no name", "#EXT-X-DEFINE:VALUE=\"1\"\n", "", "(none)"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(value(of(row.playlist, master, "x=1&q=a%26b"), row.name) == row.want);
  }
}

TEST_CASE("Variables replace references once", "[hls][unit]") {
  Variables variables;
  variables.define("a", "1");
  variables.define("b_-9", "{$a}");
  struct Row {
    const char* why;
    std::string_view text;
    std::string_view want;  ///< empty: refused
  };
  const Row rows[] = {
      {"none", "plain", "plain"},
      {"one", "x{$a}y", "x1y"},
      {"several", "{$a}{$a}-{$a}", "11-1"},
      {"not recursive", "{$b_-9}", "{$a}"},
      {"unknown", "x{$c}y", ""},
      {"not closed", "{$a", "{$a"},
      {"empty name", "{$}", "{$}"},
      {"other brackets", "{a}$a${a}", "{a}$a${a}"},
      {"a reference in a broken one", "{${$a}", "{$1"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(variables.substitute(row.text).value_or("") == row.want);
    CHECK(has_variable(row.text) == (row.want != row.text));
  }
}

TEST_CASE("Variables are bounded", "[hls][unit]") {
  Variables variables;
  for (std::size_t i = 0; i < 2 * Variables::kMaxCount; ++i) {
    variables.define("v" + std::to_string(i), "x");
  }
  CHECK(std::distance(variables.begin(), variables.end()) == Variables::kMaxCount);
  Variables other;
  other.define("long", std::string(Variables::kMaxValue + 1, 'x'));
  CHECK(other.empty());
}

TEST_CASE("portable_define spells out what the URL said", "[hls][unit]") {
  Variables variables;
  variables.define("q", "a b");
  variables.define("quote", "a\"b");
  const auto portable = [&](std::string_view line) {
    return portable_define(line, parse_tag(line)->value, variables).value_or("as it is");
  };
  CHECK(portable("#EXT-X-DEFINE:QUERYPARAM=\"q\"") == "#EXT-X-DEFINE:NAME=\"q\",VALUE=\"a b\"");
  CHECK(portable(" #EXT-X-DEFINE: X=1 , QUERYPARAM = \"q\" , Y=2 ") ==
        " #EXT-X-DEFINE: X=1 , NAME=\"q\",VALUE=\"a b\" , Y=2 ");
  CHECK(portable("#EXT-X-DEFINE:QUERYPARAM=q,Y=2") == "#EXT-X-DEFINE:NAME=\"q\",VALUE=\"a b\",Y=2");
  CHECK(portable("#EXT-X-DEFINE:NAME=\"q\",VALUE=\"a b\"") == "as it is");
  CHECK(portable("#EXT-X-DEFINE:IMPORT=\"q\"") == "as it is");
  CHECK(portable("#EXT-X-DEFINE:QUERYPARAM=\"unknown\"") == "as it is");
  CHECK(portable("#EXT-X-DEFINE:QUERYPARAM=\"q\",NAME=\"other\"") == "as it is");
  CHECK(portable("#EXT-X-DEFINE:QUERYPARAM=\"quote\"") == "as it is");
}
