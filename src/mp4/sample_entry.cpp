#include "sluice/mp4/sample_entry.hpp"

#include <algorithm>
#include <array>

namespace sluice::mp4 {
namespace {

constexpr std::size_t kFixedPart = 8;  // of any sample entry, behind its header
// More would cost time and memory out of proportion.
constexpr int kMaxTries = 16;
constexpr std::size_t kMaxEntries = 64;

bool is_protected(FourCc type) noexcept {
  constexpr std::array kTypes{four_cc("encv"), four_cc("enca"), four_cc("enct"), four_cc("encs"),
                              four_cc("encu"), four_cc("encm"), four_cc("encp")};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

/// Boxes without a gap, the original format among them.
bool is_sinf(const Box& box) {
  BoxReader boxes(box.content());
  bool has_format = false;
  for (auto child = boxes.next(); child; child = boxes.next()) {
    has_format = has_format || child->type() == four_cc("frma");
  }
  return has_format && boxes.ok();
}

std::vector<Box> find_sinfs(const Box& entry) {
  std::vector<Box> found;
  const auto content = entry.content();
  int tries = 0;
  for (auto at = content.find("sinf", kFixedPart + 4); at != content.npos && tries < kMaxTries;
       at = content.find("sinf", at + 4), ++tries) {
    const auto box = BoxReader(content.substr(at - 4)).next();
    if (!box || !is_sinf(*box)) continue;
    found.push_back(*box);
    at += box->bytes.size() - 8;
  }
  return found;
}

}  // namespace

Result<std::vector<SampleEntry>> parse_stsd(std::string_view content) {
  ByteCursor cursor(content);
  (void)read_full_box(cursor);
  cursor.skip(4);  // entry_count: the entries themselves count
  std::vector<SampleEntry> entries;
  BoxReader boxes(cursor.rest());
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (entries.size() == kMaxEntries) return malformed("stsd");
    SampleEntry entry{*box, {}};
    if (is_protected(box->type())) {
      entry.sinfs = find_sinfs(*box);
      if (entry.sinfs.empty()) return malformed("stsd");
    }
    entries.push_back(std::move(entry));
  }
  if (!boxes.ok() || !cursor.ok()) return malformed("stsd");
  return entries;
}

}  // namespace sluice::mp4
