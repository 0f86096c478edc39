#include "xml_scan.hpp"

namespace sluice::xml {
namespace {

constexpr auto npos = std::string_view::npos;

/// Behind the next `end` from `from` on, or npos.
std::size_t skip_past(std::string_view text, std::size_t from, std::string_view end) noexcept {
  const auto found = text.find(end, from);
  return found == npos ? npos : found + end.size();
}

class Scan {
 public:
  Scan(std::string_view text, const Limits& limits) noexcept : text_(text), limits_(limits) {}

  std::optional<Refusal> run() noexcept {
    std::size_t at = text_.find('<');
    while (at != npos) {
      const auto markup = text_.substr(at);
      const std::size_t start = at;
      if (markup.starts_with("<!--")) {
        at = skip_past(text_, at + 4, "-->");
      } else if (markup.starts_with("<![CDATA[")) {
        at = skip_past(text_, at + 9, "]]>");
      } else if (markup.starts_with("<?")) {
        at = skip_past(text_, at + 2, "?>");
      } else if (markup.starts_with("<!")) {
        return Refusal{"a document type declaration is not accepted", at};
      } else {
        at = tag(at);
      }
      if (depth_ > limits_.depth) return Refusal{"elements are nested too deeply", start};
      if (nodes_ > limits_.nodes) return Refusal{"too many elements and attributes", start};
      if (at != npos) at = text_.find('<', at);
    }
    return std::nullopt;
  }

 private:
  /// Counts the tag at `at`; gives the offset behind it.
  std::size_t tag(std::size_t at) noexcept {
    const bool closing = text_.substr(at).starts_with("</");
    ++at;
    const std::size_t attributes = nodes_;
    for (; at < text_.size() && text_[at] != '>'; ++at) {
      const char c = text_[at];
      if (c == '=') ++nodes_;
      if (c == '"' || c == '\'') {
        at = text_.find(c, at + 1);
        if (at == npos) return npos;
      }
    }
    if (closing) {
      nodes_ = attributes;
      if (depth_ > 0) --depth_;
    } else {
      ++nodes_;
      if (text_[at - 1] != '/') ++depth_;
    }
    return at < text_.size() ? at + 1 : npos;
  }

  std::string_view text_;
  const Limits& limits_;
  std::size_t depth_ = 0;
  std::size_t nodes_ = 0;
};

/// UTF-16 and UTF-32, with a byte order mark or without: all put a NUL beside '<'.
bool is_wide(std::string_view text) noexcept {
  return text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE") ||
         text.substr(0, 4).find('\0') != npos;
}

}  // namespace

std::optional<Refusal> scan(std::string_view text, const Limits& limits) noexcept {
  if (text.size() > limits.bytes) return Refusal{"the text is too large", limits.bytes};
  if (is_wide(text)) return Refusal{"only UTF-8 and Latin-1 are read"};
  // The parser would take it for the end of the text.
  if (const auto nul = text.find('\0'); nul != npos) return Refusal{"a NUL byte", nul};
  return Scan(text, limits).run();
}

}  // namespace sluice::xml
