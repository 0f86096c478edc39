#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::app {

/// The text of an .env file in its parts.
struct Dotenv {
  struct Entry {
    std::string name;
    std::string value;
    std::size_t line;  ///< where it begins, from 1
  };
  /// A line that is ignored because it cannot be read.
  struct Oddity {
    std::size_t line;
    std::string_view problem;  ///< static storage; shows nothing of the line
  };
  std::vector<Entry> entries;  ///< in the order written; names may repeat
  std::vector<Oddity> oddities;
};

/// Reads lines NAME=VALUE, with `export` before them or not, and comments. A value without quotes
/// ends at the line's end or before " #", without the spaces around it. In single quotes \\ and \'
/// are escapes, in double quotes also \", \a, \b, \f, \n, \r, \t and \v; both may span lines.
/// Variables are not expanded. CR LF and CR are line ends, a byte order mark is skipped.
[[nodiscard]] Dotenv parse_dotenv(std::string_view text);

}  // namespace sluice::app
