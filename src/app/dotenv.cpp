#include "sluice/app/dotenv.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "sluice/core/text.hpp"

namespace sluice::app {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";
constexpr std::string_view kBlanks = " \t\v\f";
constexpr std::string_view kSpace = " \t\v\f\n";

std::string with_plain_line_ends(std::string_view text) {
  if (text.starts_with(kBom)) text.remove_prefix(kBom.size());
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

/// What a backslash before `c` stands for within `quote`; nullopt: for itself.
std::optional<char> unescaped(char quote, char c) noexcept {
  if (c == '\\' || c == '\'') return c;
  if (quote == '\'') return std::nullopt;
  switch (c) {
    case '"': return c;
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return std::nullopt;
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Dotenv read_all() && {
    for (skip(kSpace); !rest_.empty(); skip(kSpace)) {
      const std::size_t line = line_;
      if (const std::string_view problem = read_line(); !problem.empty()) {
        skip_line();
        out_.oddities.push_back({line, problem});
      }
    }
    return std::move(out_);
  }

 private:
  /// Advances by `count` bytes, which it returns.
  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    line_ += static_cast<std::size_t>(std::count(taken.begin(), taken.end(), '\n'));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view take_until(std::string_view ends) {
    return take(std::min(rest_.find_first_of(ends), rest_.size()));
  }
  bool skip(std::string_view bytes) {
    return !take(std::min(rest_.find_first_not_of(bytes), rest_.size())).empty();
  }
  void skip_line() { take_until("\n"); }

  void skip_export() {
    constexpr std::string_view kExport = "export";
    if (!rest_.starts_with(kExport) || rest_.size() == kExport.size()) return;
    if (kBlanks.find(rest_[kExport.size()]) == std::string_view::npos) return;
    take(kExport.size());
    skip(kBlanks);
  }

  /// Reads up to the end of a line or of a value in quotes. Returns the problem; empty: none.
  std::string_view read_line() {
    if (rest_.front() == '#') {
      skip_line();
      return {};
    }
    const std::size_t line = line_;
    skip_export();
    const std::string name(take_until("=# \t\v\f\n"));
    skip(kBlanks);
    if (name.empty() || !rest_.starts_with('=')) return "expected NAME=VALUE";
    take(1);
    const bool after_space = skip(kBlanks);
    const bool quoted = rest_.starts_with('\'') || rest_.starts_with('"');
    auto value = quoted ? read_quoted() : read_unquoted(after_space);
    if (!value) return "a quote that is not closed";
    if (quoted) {
      skip(kBlanks);
      if (!rest_.empty() && rest_.front() != '#' && rest_.front() != '\n')
        return "something after the closing quote";
      skip_line();
    }
    out_.entries.push_back({name, *std::move(value), line});
    return {};
  }

  /// nullopt, with nothing read, when the quote is not closed.
  std::optional<std::string> read_quoted() {
    const char quote = rest_.front();
    std::string value;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == quote) {
        take(i + 1);
        return value;
      }
      const auto escaped =
          rest_[i] == '\\' && i + 1 < rest_.size() ? unescaped(quote, rest_[i + 1]) : std::nullopt;
      value += escaped.value_or(rest_[i]);
      if (escaped) ++i;
    }
    return std::nullopt;
  }

  std::string read_unquoted(bool after_space) {
    std::string_view value = take_until("\n");
    bool space = after_space;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '#' && space)
        value = value.substr(0, i);
      else
        space = kBlanks.find(value[i]) != std::string_view::npos;
    }
    return std::string(trim(value));
  }

  std::string_view rest_;
  std::size_t line_ = 1;
  Dotenv out_;
};

}  // namespace

Dotenv parse_dotenv(std::string_view text) {
  const std::string plain = with_plain_line_ends(text);
  return Reader(plain).read_all();
}

}  // namespace sluice::app
