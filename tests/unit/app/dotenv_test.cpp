#include "sluice/app/dotenv.hpp"

#include "support/catch.hpp"

namespace sluice::app {
namespace {

TEST_CASE("parse_dotenv reads one variable in every spelling", "[app][unit]") {
  struct Row {
    const char* why;
    const char* text;
    const char* value;
  };
  const Row rows[] = {
      {"plain", "A=b", "b"},
      {"line end", "A=b\n", "b"},
      {"CR LF", "A=b\r\n", "b"},
      {"CR alone", "A=b\r", "b"},
      {"byte order mark",
       "\xef\xbb\xbf"
       "A=b",
       "b"},
      {"export", "export A=b", "b"},
      {"export with blanks", "  export \t A=b", "b"},
      {"spaces around =", "A = b", "b"},
      {"spaces at the end", "A=b  ", "b"},
      {"spaces inside", "A=b c", "b c"},
      {"nothing", "A=", ""},
      {"only spaces", "A=  ", ""},
      {"= in the value", "A=b=c", "b=c"},
      {"comment after the value", "A=b # c", "b"},
      {"comment after a tab", "A=b\t#c", "b"},
      {"# inside a word", "A=b#c", "b#c"},
      {"# at the start", "A=#b", "#b"},
      {"comment instead of a value", "A= # b", ""},
      {"quotes inside", "A=b\"c'd", "b\"c'd"},
      {"backslashes stay without quotes", "A=b\\n", "b\\n"},
      {"leading zeros", "A=00123", "00123"},
      {"no expansion", "A=$B${C}", "$B${C}"},
      {"single quotes", "A='b # c '", "b # c "},
      {"double quotes", "A=\"b # c \"", "b # c "},
      {"empty quotes", "A=\"\"", ""},
      {"comment after quotes", "A='b' # c", "b"},
      {"comment right after quotes", "A=\"b\"#c", "b"},
      {"escapes in double quotes", R"(A="\a\b\f\n\r\t\v\"\'\\")", "\a\b\f\n\r\t\v\"'\\"},
      {"unknown escape in double quotes", R"(A="\d\$")", R"(\d\$)"},
      {"escapes in single quotes", R"(A='\'\\\n\"')", R"('\\n\")"},
      {"the other quote inside", R"(A='"')", "\""},
      {"lines in quotes", "A=\"b\r\nc\"", "b\nc"},
      {"JSON", R"(A={"b": "c"})", R"({"b": "c"})"},
      {"bytes above ASCII", "A=\xc3\xa9", "\xc3\xa9"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const Dotenv file = parse_dotenv(row.text);
    CHECK(file.oddities.empty());
    REQUIRE(file.entries.size() == 1);
    CHECK(file.entries[0].name == "A");
    CHECK(file.entries[0].value == row.value);
    CHECK(file.entries[0].line == 1);
  }
}

TEST_CASE("parse_dotenv ignores and reports what it cannot read", "[app][unit]") {
  struct Row {
    const char* why;
    const char* text;
    std::string_view problem;
  };
  const std::string_view shape = "expected NAME=VALUE";
  const Row rows[] = {
      {"no =", "A", shape},
      {"no name", "=b", shape},
      {"two names", "A B=c", shape},
      {"only export", "export A", shape},
      {"comment in the name", "A#=b", shape},
      {"single quote open", "A='b\\'", "a quote that is not closed"},
      {"double quote open", "A=\"b", "a quote that is not closed"},
      {"double quote closed by the other", "A=\"b'", "a quote that is not closed"},
      {"something after quotes", "A='b'c", "something after the closing quote"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    const Dotenv file = parse_dotenv(std::string("X=1\n") + row.text + "\nY=2\n");
    REQUIRE(file.oddities.size() == 1);
    CHECK(file.oddities[0].line == 2);
    CHECK(file.oddities[0].problem == row.problem);
    REQUIRE(file.entries.size() == 2);
    CHECK(file.entries[1].name == "Y");
    CHECK(file.entries[1].line == 3);
  }
}

TEST_CASE("parse_dotenv counts lines and keeps order", "[app][unit]") {
  const Dotenv file = parse_dotenv("# A=0\n\n  # c\nA='1\n2\n3' \n\t\nexport=4\nA=5");
  CHECK(file.oddities.empty());
  REQUIRE(file.entries.size() == 3);
  CHECK(file.entries[0].line == 4);
  CHECK(file.entries[0].value == "1\n2\n3");
  CHECK(file.entries[1].name == "export");
  CHECK(file.entries[1].line == 8);
  CHECK(file.entries[2].value == "5");
  CHECK(file.entries[2].line == 9);
  CHECK(parse_dotenv("").entries.empty());
  CHECK(parse_dotenv("\xef\xbb\xbf\r\n \r\n").oddities.empty());
}

}  // namespace
}  // namespace sluice::app
