#include "sluice/access/forwarded.hpp"

#include "sluice/core/text.hpp"
#include "sluice/http/head_guard.hpp"

namespace sluice::access {
namespace {

/// Reads `name=value` pairs, values as tokens or quoted strings; failure is sticky.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] bool at_end() const noexcept { return text_.empty(); }

  void skip_blanks() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t')) {
      text_.remove_prefix(1);
    }
  }

  [[nodiscard]] bool take(char wanted) {
    if (text_.empty() || text_.front() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }

  /// Up to the next separator. Wider than a token: an IPv6 address without the quotes it ought to
  /// have is understood.
  std::string word() {
    const auto end = std::min(text_.find_first_of(" \t=;,\""), text_.size());
    const auto found = text_.substr(0, end);
    text_.remove_prefix(end);
    if (found.empty()) failed_ = true;
    return std::string(found);
  }

  std::string value() {
    if (!take('"')) return word();
    std::string found;
    while (!text_.empty() && text_.front() != '"') {
      if (text_.front() == '\\') text_.remove_prefix(1);
      if (text_.empty()) break;
      found += text_.front();
      text_.remove_prefix(1);
    }
    if (!take('"')) failed_ = true;
    return found;
  }

  void fail() { failed_ = true; }

 private:
  std::string_view text_;
  bool failed_ = false;
};

void store(ForwardedElement& element, std::string_view name, std::string value) {
  if (iequals(name, "for")) {
    element.client = std::move(value);
  } else if (iequals(name, "host")) {
    element.host = std::move(value);
  } else if (iequals(name, "proto")) {
    element.proto = std::move(value);
  }
}

bool read_line(std::string_view line, std::vector<ForwardedElement>& elements) {
  Reader reader(line);
  ForwardedElement element;
  for (bool more = true; more && !reader.failed();) {
    reader.skip_blanks();
    const auto name = reader.word();
    if (!http::is_token(name) || !reader.take('=')) return false;
    store(element, name, reader.value());
    reader.skip_blanks();
    if (reader.take(';')) continue;
    elements.push_back(std::move(element));
    element = {};
    if (reader.at_end()) {
      more = false;
    } else if (!reader.take(',')) {
      return false;
    }
  }
  return !reader.failed();
}

}  // namespace

std::optional<std::vector<ForwardedElement>> parse_forwarded(const http::HeaderList& headers) {
  std::vector<ForwardedElement> elements;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers[i];
    if (iequals(name, "Forwarded") && !read_line(value, elements)) return std::nullopt;
  }
  if (elements.empty()) return std::nullopt;
  return elements;
}

}  // namespace sluice::access
