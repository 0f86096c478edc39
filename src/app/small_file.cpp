#include "small_file.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

namespace sluice::app {
namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

SmallFile failed(int problem) {
  return {std::nullopt, std::generic_category().message(problem),
          problem == ENOENT || problem == ENOTDIR};
}

}  // namespace

SmallFile read_small_file(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return failed(errno);
  std::string text(kMaxFileBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return failed(errno);
  if (text.size() > kMaxFileBytes) return {std::nullopt, "it is larger than 1 MiB"};
  return {std::move(text), {}};
}

}  // namespace sluice::app
