#include "sluice/hls/attribute_list.hpp"

#include <ostream>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace sluice::hls {

bool operator==(const Attribute& a, const Attribute& b) {
  return a.name == b.name && a.value == b.value && a.quoted == b.quoted;
}

std::ostream& operator<<(std::ostream& out, const Attribute& attribute) {
  return out << attribute.name << (attribute.quoted ? "=q:" : "=") << attribute.value;
}

}  // namespace sluice::hls

using namespace sluice::hls;

namespace {

std::vector<Attribute> attributes_of(std::string_view list) {
  std::vector<Attribute> attributes;
  AttributeReader reader(list);
  while (const auto attribute = reader.next()) attributes.push_back(*attribute);
  return attributes;
}

}  // namespace

TEST_CASE("AttributeReader reads well-formed and sloppy lists", "[hls][unit]") {
  struct Row {
    const char* why;
    std::string_view list;
    std::vector<Attribute> attributes;
  };
  const Row rows[] = {
      {"empty", "", {}},
      {"one", "METHOD=NONE", {{"METHOD", "NONE", false}}},
      {"quoted", R"(URI="a")", {{"URI", "a", true}}},
      {"comma and equals inside quotes",
       R"(CODECS="a,b=c",URI="u,v=w",X=1)",
       {{"CODECS", "a,b=c", true}, {"URI", "u,v=w", true}, {"X", "1", false}}},
      {"equals inside a plain value", "IV=a=b,C=d", {{"IV", "a=b", false}, {"C", "d", false}}},
      {"empty values", R"(A=,B="",C=)", {{"A", "", false}, {"B", "", true}, {"C", "", false}}},
      {"blanks around names and values",
       "  A = 1 ,\tB\t=\t\"x \" , C = y z ",
       {{"A", "1", false}, {"B", "x ", true}, {"C", "y z", false}}},
      {"plain value where quotes belong",
       "URI=http://h/a?b=c,TYPE=AUDIO",
       {{"URI", "http://h/a?b=c", false}, {"TYPE", "AUDIO", false}}},
      {"quote that is never closed",
       R"(A=1,URI="http://h/a,b )",
       {{"A", "1", false}, {"URI", "http://h/a,b", true}}},
      {"lone quote", "A=\"", {{"A", "", true}}},
      {"text after the closing quote",
       R"(URI="a"junk,B=1)",
       {{"URI", "a", true}, {"B", "1", false}}},
      {"quote inside a plain value", R"(A=b"c,D=e)", {{"A", "b\"c", false}, {"D", "e", false}}},
      {"empty entries", ",,A=1,,B=2,", {{"A", "1", false}, {"B", "2", false}}},
      {"entries without equals", "DEFAULT,A=1,FORCED", {{"A", "1", false}}},
      {"no name", "=x,A=1", {{"", "x", false}, {"A", "1", false}}},
      {"repeated", R"(A="1",A="2")", {{"A", "1", true}, {"A", "2", true}}},
      {"quoted name-alike", R"(X="URI=a",URI="b")", {{"X", "URI=a", true}, {"URI", "b", true}}},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    CHECK(attributes_of(row.list) == row.attributes);
  }
}

TEST_CASE("AttributeReader gives views that a value can be replaced through", "[hls][unit]") {
  const std::string list = R"( A = 1 , URI = "old,url" ,B="x" )";
  const auto uri = find_attribute(list, "URI");
  REQUIRE(uri);
  std::string changed = list;
  changed.replace(static_cast<std::size_t>(uri->value.data() - list.data()), uri->value.size(),
                  "n");
  CHECK(changed == R"( A = 1 , URI = "n" ,B="x" )");
}

TEST_CASE("find_attribute takes whole names, the first of several", "[hls][unit]") {
  constexpr std::string_view kList = R"(SERVER-URI="s",URI="u",URI="v",TYPE="URI=w")";
  CHECK(find_attribute(kList, "URI")->value == "u");
  CHECK(find_attribute(kList, "SERVER-URI")->value == "s");
  CHECK_FALSE(find_attribute(kList, "uri"));
  CHECK_FALSE(find_attribute(kList, "RI"));
  CHECK_FALSE(find_attribute("", "URI"));
}
