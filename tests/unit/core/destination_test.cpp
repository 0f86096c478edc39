#include "sluice/core/destination.hpp"

#include <string>

#include "support/catch.hpp"

namespace sluice {

TEST_CASE("parse_destination understands every form links use", "[core][unit]") {
  struct Row {
    const char* why;
    std::string text;
    std::string url;
  };
  const auto row = GENERATE(values<Row>({
      {"plain", "https://a.test/x.mp4", "https://a.test/x.mp4"},
      {"blanks around it", " https://a.test/x.mp4\t", "https://a.test/x.mp4"},
      {"base64 without padding", "aHR0cHM6Ly9leGFtcGxlLmNvbS92aWRlby5tcDQ",
       "https://example.com/video.mp4"},
      {"base64 with '/'", "aHR0cHM6Ly9leGFtcGxlLmNvbS8/YT1i", "https://example.com/?a=b"},
      {"URL-safe base64", "aHR0cHM6Ly9leGFtcGxlLmNvbS8_YT1i", "https://example.com/?a=b"},
      {"a '+' that became a blank", "aHR0cDovL2EudGVzdC8/Pj4 Pz8/", "http://a.test/?%3E%3E%3E???"},
      {"base64 with padding", "aHR0cDovL2EudGVzdC9hYg==", "http://a.test/ab"},
      {"base64 of UTF-8", "aHR0cDovL2EudGVzdC/DvA==", "http://a.test/%C3%BC"},
      {"quote for the colon", "https%22//a.test/x", "https://a.test/x"},
      {"quote for the colon of http", "http%22//a.test/x", "http://a.test/x"},
      {"encoded colon and quote", "https%3A%22//a.test/x", "https://a.test/x"},
      {"lower-case escape", "https%3a%22//a.test/x", "https://a.test/x"},
      {"colon and raw quote", "http:\"//a.test/x", "http://a.test/x"},
      {"raw quote for the colon", "http\"//a.test/x", "http://a.test/x"},
      {"keys encoded with it", "http://a.test/x?q=1&key_id=00&key=11", "http://a.test/x?q=1"},
      {"keys and more", "http://a.test/x?q=1&key_id=00&key=11&z=1", "http://a.test/x?q=1"},
      {"only one of the two", "http://a.test/x?q=1&key_id=00", "http://a.test/x?q=1&key_id=00"},
      {"a parameter called key", "http://a.test/x?key=1&y=2", "http://a.test/x?key=1&y=2"},
      {"percent signs stay", "http://a.test/%2B%zz", "http://a.test/%2B%zz"},
  }));
  INFO(row.why << ": " << row.text);
  const auto url = parse_destination(row.text);
  REQUIRE(url.has_value());
  CHECK(url->text() == row.url);
}

TEST_CASE("parse_destination refuses what is no http or https URL", "[core][unit]") {
  const std::string text =
      GENERATE("", "   ", "example.com", "aHR0cA==",  // base64 of "http"
               "ftp://a.test/x", "ftps://a.test/x", "file:///etc/passwd", "javascript:alert(1)",
               "ZnRwOi8vYS50ZXN0L3g=",  // base64 of "ftp://a.test/x"
               "aHR0cDovL2EudGVzdC//",  // base64, but not of UTF-8
               "http://", "https%22//", "//a.test/x", "/x", "http:a.test");
  INFO(text);
  const auto url = parse_destination(text);
  REQUIRE_FALSE(url.has_value());
  CHECK(url.error() == client_error(Errc::bad_url));
}

}  // namespace sluice
