#include "sluice/core/xml.hpp"

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::xml;

namespace {

std::string refusal(std::string_view text, const Limits& limits = {}) {
  const auto document = Document::parse(text, limits);
  if (document) return "accepted";
  CHECK(document.error() == upstream_error(Errc::bad_manifest));
  return document.error().context;
}

std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += "<a>";
  for (std::size_t i = 0; i < depth; ++i) text += "</a>";
  return text;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("Document gives elements, attributes and text by local name", "[core][unit]") {
  const auto document = Document::parse(
      "<?xml version=\"1.0\"?>\n<!-- c --><m:MPD xmlns:m='u' id='1' x:id='2'>\n <m:A> "
      "t<![CDATA[<&]]>"
      "<B/>&amp;&#65; </m:A>\n <A q='&lt;&quot;'/></m:MPD><!-- end -->");
  REQUIRE(document.has_value());
  const Element root = document->root();
  CHECK(root.name() == "MPD");
  CHECK(root.prefix() == "m");
  CHECK(root.attribute("id") == "1");
  CHECK(root.attribute("x:id") == "2");
  CHECK(root.prefixed_attribute("id") == "2");
  CHECK_FALSE(root.attribute("ID"));
  const Element first = root.first("A");
  CHECK(first.prefix() == "m");
  CHECK(first.text() == "t<&&A");
  CHECK(first.first().name() == "B");
  CHECK_FALSE(first.first().next());
  const Element second = first.next();
  CHECK(second.prefix().empty());
  CHECK(second.attribute("q") == "<\"");
  CHECK(second.first_attribute().qualified_name() == "q");
  CHECK_FALSE(second.next());
  CHECK_FALSE(root.first("C"));
  CHECK(Element().name().empty());
  CHECK_FALSE(Element().attribute("q"));
}

TEST_CASE("Document refuses what is no XML, and says where", "[core][unit]") {
  struct Row {
    const char* why;
    std::string_view text;
    const char* says;
  };
  using namespace std::string_view_literals;
  const Row rows[] = {
      {"empty", "", "XML"},
      {"blank", " \n", "XML"},
      {"no markup", "hello", "no element"},
      {"HTML that is not closed", "<html><body><br></body></html>", "line 1"},
      {"end missing", "<a>\n<b></b>\n", "line 2"},
      {"end of another", "<a>\n  <b></c>\n</a>", "line 2, column"},
      {"attribute without quotes", "<a b=c/>", "line 1"},
      {"attribute without value", "<a b/>", "line 1"},
      {"cut inside a tag", "<a b='", "line 1"},
      {"cut inside a comment", "<a/><!-- ", "line 1"},
      {"two roots", "<a/><b/>", "more than one"},
      {"text beside the root", "<a/>x", "more than one"},
      {"NUL", "<abc>\0</abc>"sv, "NUL"},
      {"UTF-16", "\xFF\xFE<\0a\0/\0>\0"sv, "UTF-8"},
      {"UTF-16 without mark", "<\0a\0/\0>\0"sv, "UTF-8"},
      {"document type", "<!DOCTYPE MPD><a/>", "document type"},
      {"document type behind comments", "<!-- <a> --><?x ?>\n<!DOCTYPE x []><a/>", "line 2"},
      {"a bomb", "<!DOCTYPE z [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><z>&b;</z>",
       "document type"},
      {"an external entity", "<!DOCTYPE z [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><z>&x;</z>",
       "document type"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const auto why = refusal(row.text);
    INFO(why);
    CHECK(contains(why, row.says));
  }
}

TEST_CASE("Document expands no entities of its own accord", "[core][unit]") {
  const auto document = Document::parse("<a b='&c;'>&c;&nbsp;</a>");
  REQUIRE(document.has_value());
  CHECK(document->root().text() == "&c;&nbsp;");
  CHECK(document->root().attribute("b") == "&c;");
}

TEST_CASE("Document holds to its limits", "[core][unit]") {
  CHECK(refusal(nested(64)) == "accepted");
  CHECK(contains(refusal(nested(65)), "nested too deeply"));
  CHECK(contains(refusal(nested(1'000'000)), "nested too deeply"));
  CHECK(contains(refusal(std::string(4'000'000, '<')), "XML"));
  const Limits few{100, 64, 4};
  CHECK(refusal("<a b='1'><c d='2'/></a>", few) == "accepted");
  CHECK(contains(refusal("<a b='1'><c d='2'/><e/></a>", few), "too many elements"));
  CHECK(contains(refusal("<a>" + std::string(100, ' ') + "</a>", few), "too large"));
  // Markup inside comments and values does not count.
  CHECK(refusal("<a b='<c d=><e>'><!-- <f><g><h> --></a>", {100, 1, 2}) == "accepted");
}

TEST_CASE("Document reads 32 MiB and not a byte more", "[core][unit]") {
  std::string text = "<a>" + std::string(32 * 1024 * 1024 - 7, ' ') + "</a>";
  CHECK(refusal(text) == "accepted");
  text.insert(3, " ");
  CHECK(contains(refusal(text), "too large"));
}

TEST_CASE("Document reads Latin-1 where the declaration says so", "[core][unit]") {
  const auto document = Document::parse("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4</a>");
  REQUIRE(document.has_value());
  CHECK(document->root().text() == "\xC3\xA4");
  const auto with_mark = Document::parse("\xEF\xBB\xBF<a>\xC3\xA4</a>");
  REQUIRE(with_mark.has_value());
  CHECK(with_mark->root().text() == "\xC3\xA4");
}

TEST_CASE("Element knows where it stands", "[core][unit]") {
  const std::string text = "<a>\n  <b/>\n</a>";
  const auto document = Document::parse(text);
  REQUIRE(document.has_value());
  CHECK(position(text, document->root().first().offset()) == "line 2, column 4 (byte 7)");
}
