#include "access/token_json.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "support/catch.hpp"

using namespace std::string_literals;

namespace sluice::access {
namespace {

constexpr std::string_view kKinds[] = {"null", "boolean", "integer", "number", "string", "object"};

/// "name:kind:text" of each member, those of objects in braces.
std::string summary(const JsonObject& object) {
  std::string out;
  for (const auto& member : object) {
    if (!out.empty()) out += ' ';
    out += member.name + ':' + std::string(kKinds[static_cast<std::size_t>(member.kind)]);
    if (member.kind == JsonMember::Kind::object) {
      out += '{' + summary(member.members) + '}';
    } else {
      out += ':' + member.text;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("read_json_object reads members in their order", "[access][unit]") {
  struct Row {
    const char* why;
    std::string text;
    std::string summary;
  };
  const Row rows[] = {
      {"nothing", "{}", ""},
      {"white space around it", " {\t}\r\n", ""},
      {"order of the text", R"({"b":"1","a":"2"})", "b:string:1 a:string:2"},
      {"empty name and value", R"({"":""})", ":string:"},
      {"names that differ in case", R"({"a":"1","A":"2"})", "a:string:1 A:string:2"},
      {"booleans and null", R"({"a":true,"b":false,"c":null})",
       "a:boolean:true b:boolean:false c:null:"},
      {"integers", R"({"a":0,"b":-12,"c":9223372036854775807})",
       "a:integer:0 b:integer:-12 c:integer:9223372036854775807"},
      {"minus zero", R"({"a":-0})", "a:integer:0"},
      {"beyond 63 bits", R"({"a":9223372036854775808})", "a:number:9223372036854775808"},
      {"beyond 64 bits", R"({"a":-20000000000000000000})", "a:number:-20000000000000000000"},
      {"fractions", R"({"a":1.5,"b":-0.25,"c":1.0,"d":0.1})",
       "a:number:1.5 b:number:-0.25 c:number:1 d:number:0.1"},
      {"the nearest double", R"({"a":2.2250738585072014,"b":0.30000000000000004})",
       "a:number:2.2250738585072014 b:number:0.30000000000000004"},
      {"exponents", R"({"a":1e3,"b":25E-2,"c":1.5e+1})", "a:number:1000 b:number:0.25 c:number:15"},
      {"escapes", R"({"\u0061\n":"\"\\\/\b\f\n\r\t\u00fc\ud83d\udd11"})",
       "a\n:string:\"\\/\b\f\n\r\tü🔑"},
      {"raw characters", "{\"ü\":\"🔑\x7f\"}", "ü:string:🔑\x7f"},
      {"NUL", R"({"a":"x\u0000y"})", "a:string:x\0y"s},
      {"an object inside", R"({"a":{"b":"1","c":null},"d":"2"})",
       "a:object{b:string:1 c:null:} d:string:2"},
      {"a name of the outer object inside", R"({"a":{"a":"1"}})", "a:object{a:string:1}"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto object = read_json_object(row.text);
    REQUIRE(object.has_value());
    CHECK(summary(*object) == row.summary);
  }
}

TEST_CASE("read_json_object says which numbers are integers", "[access][unit]") {
  const auto object = read_json_object(R"({"a":-9223372036854775808,"b":4102444800,"c":"7"})");
  REQUIRE(object.has_value());
  CHECK((*object)[0].integer == std::numeric_limits<std::int64_t>::min());
  CHECK((*object)[1].integer == 4102444800);
  CHECK((*object)[2].integer == 0);
}

TEST_CASE("read_json_object refuses everything else", "[access][unit]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const Row rows[] = {
      {"nothing", ""},
      {"white space", " "},
      {"a string", R"("a")"},
      {"a number", "1"},
      {"null", "null"},
      {"an array", R"(["d"])"},
      {"an array inside", R"({"a":["d"]})"},
      {"an empty array inside", R"({"a":[]})"},
      {"no end", R"({"a":"1")"},
      {"no end of a string", R"({"a":"1)"},
      {"no end of an object inside", R"({"a":{"b":"1"})"},
      {"something behind it", R"({"a":"1"}x)"},
      {"two objects", R"({"a":"1"}{})"},
      {"NUL behind it", "{}\0"s},
      {"trailing comma", R"({"a":"1",})"},
      {"comment", R"({"a":"1"/**/})"},
      {"single quotes", R"({'a':'1'})"},
      {"the same name twice", R"({"a":"1","b":"2","a":"1"})"},
      {"the same name, escaped", R"({"a":"1","\u0061":"1"})"},
      {"the same name, once null", R"({"a":null,"a":"1"})"},
      {"the same name twice inside", R"({"x":{"a":"1","a":"1"}})"},
      {"too deep", R"({"a":{"b":{}}})"},
      {"not UTF-8", "{\"a\":\"\xff\"}"},
      {"a name that is not UTF-8", "{\"\xc3\":\"1\"}"},
      {"overlong UTF-8", "{\"a\":\"\xc0\xaf\"}"},
      {"half a surrogate pair", R"({"a":"\ud83d"})"},
      {"the other half", R"({"a":"\udd11"})"},
      {"raw control character", "{\"a\":\"\n\"}"},
      {"byte order mark", "\xef\xbb\xbf{}"},
      {"leading zero", R"({"a":01})"},
      {"no number", R"({"a":NaN})"},
      {"a number too large", R"({"a":1e999})"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK_FALSE(read_json_object(row.text).has_value());
  }
  CHECK_FALSE(read_json_object(std::string(60000, '{')).has_value());
  CHECK_FALSE(read_json_object(std::string(60000, '[')).has_value());
}

TEST_CASE("append_json_string writes ASCII", "[access][unit]") {
  struct Row {
    const char* why;
    std::string text;
    std::string json;
  };
  const Row rows[] = {
      {"nothing", "", R"("")"},
      {"plain", "a b/'&<>", R"("a b/'&<>")"},
      {"quote and backslash", R"("\)", R"("\"\\")"},
      {"controls with a letter", "\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {"other controls", "\0\x1f\x7f"s, R"("\u0000\u001f\u007f")"},
      {"two bytes", "\u0080ü\u07ff", R"("\u0080\u00fc\u07ff")"},
      {"three bytes", "\u0800日\uffff", R"("\u0800\u65e5\uffff")"},
      {"four bytes", "\U00010000🔑\U0010ffff", R"("\ud800\udc00\ud83d\udd11\udbff\udfff")"},
      {"bytes that are no UTF-8", "a\xff\xc3", R"("a\ufffd\ufffd")"},
      {"an encoded surrogate", "\xed\xa0\x80", R"("\ufffd\ufffd\ufffd")"},
      {"cut off", "\xf0\x9f\x94", R"("\ufffd\ufffd\ufffd")"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    std::string out = ">";
    append_json_string(out, row.text);
    CHECK(out == ">" + row.json);
  }
}

TEST_CASE("append_json_string is undone by any JSON parser", "[access][unit]") {
  for (char32_t first = 0; first < 0x110000; first += 0x1f3) {
    if (first >= 0xd800 && first < 0xe000) continue;
    CAPTURE(static_cast<unsigned>(first));
    // Boost's own encoder makes the UTF-8.
    std::string escaped = "\"";
    if (first < 0x10000) {
      char digits[8];
      std::snprintf(digits, sizeof digits, "\\u%04x", static_cast<unsigned>(first));
      escaped += digits;
    } else {
      char digits[16];
      std::snprintf(digits, sizeof digits, "\\u%04x\\u%04x",
                    static_cast<unsigned>(0xd7c0 + (first >> 10)),
                    static_cast<unsigned>(0xdc00 + (first & 0x3ff)));
      escaped += digits;
    }
    const auto expected = boost::json::parse(escaped + '"');
    std::string out;
    append_json_string(out, std::string(expected.as_string()));
    CHECK(boost::json::parse(out) == expected);
  }
}

}  // namespace sluice::access
