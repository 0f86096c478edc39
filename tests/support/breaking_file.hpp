#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "support/origin_handlers.hpp"

namespace sluice::test {

/// A file on a server that knows ranges, whose answers break off.
struct BreakingFile {
  std::string body;
  /// Sent with every answer: validators, coding, type.
  Headers headers{{"ETag", "\"v1\""}};
  /// Where answer number i to a GET breaks off, as position in the file; an answer that does not
  /// reach it, and those after the last, are whole.
  std::vector<std::size_t> cuts;
  Ending ending = Ending::fin;
};

/// Serves `file`: one range of the bytes unit (first-, first-last, -last) with If-Range compared
/// against the ETag and Last-Modified of `headers`; HEAD as GET.
[[nodiscard]] OriginHandler serve_breaking(BreakingFile file);

/// The head of a 206 with `size` bytes of a file of `total` bytes from `first` on, under the ETag
/// of BreakingFile, for continuations written by hand. Without Content-Length.
[[nodiscard]] Headers partial_headers(std::size_t first, std::size_t size, std::size_t total);

}  // namespace sluice::test
