#pragma once

#include <optional>
#include <string>

namespace sluice::app {

/// A file's text, or why there is none.
struct SmallFile {
  std::optional<std::string> text;
  std::string problem;  ///< "Permission denied"
  bool absent = false;  ///< there is no such file
};

/// Reads a file of at most 1 MiB.
[[nodiscard]] SmallFile read_small_file(const std::string& path);

}  // namespace sluice::app
