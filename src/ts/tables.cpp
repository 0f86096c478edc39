#include "sluice/ts/tables.hpp"

#include "octets.hpp"
#include "sluice/ts/section.hpp"

namespace sluice::ts {
namespace {

constexpr std::size_t kHead = 8;  // up to last_section_number
constexpr std::size_t kChecksum = 4;

/// What is between head and checksum of a long section that is whole.
std::optional<std::string_view> content_of(std::string_view section, unsigned table_id) {
  if (section.size() < kHead + kChecksum || u8(section, 0) != table_id) return std::nullopt;
  if ((u8(section, 1) & 0x80) == 0 || length_at(section, 1) + 3 != section.size() ||
      crc32(section) != 0) {
    return std::nullopt;
  }
  return section.substr(kHead, section.size() - kHead - kChecksum);
}

bool is_current(std::string_view section) noexcept {
  return (u8(section, 5) & 1) != 0;
}

void put16(std::string& out, unsigned value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xff);
}

/// Length in 12 bits, behind reserved ones, and the bytes.
void put_loop(std::string& out, std::string_view bytes) {
  put16(out, static_cast<unsigned>(0xf000 | bytes.size()));
  out.append(bytes);
}

}  // namespace

std::optional<std::vector<Program>> parse_pat(std::string_view section) {
  const auto content = content_of(section, 0);
  if (!content || !is_current(section)) return std::nullopt;
  std::vector<Program> programs;
  for (std::size_t at = 0; at + 4 <= content->size(); at += 4) {
    if (const auto number = u16(*content, at))
      programs.push_back({number, pid_at(*content, at + 2)});
  }
  return programs;
}

std::optional<Pmt> parse_pmt(std::string_view section) {
  const auto content = content_of(section, 2);
  if (!content || content->size() < 4) return std::nullopt;
  Pmt pmt;
  pmt.program = u16(section, 3);
  pmt.version = u8(section, 5) >> 1 & 0x1f;
  pmt.current = is_current(section);
  pmt.pcr_pid = pid_at(*content, 0);
  auto rest = content->substr(4);
  const auto take_loop = [&](std::size_t size, std::string& into) {
    if (size > rest.size()) return false;
    into = rest.substr(0, size);
    rest.remove_prefix(size);
    return true;
  };
  if (!take_loop(length_at(*content, 2), pmt.descriptors)) return std::nullopt;
  while (!rest.empty()) {
    if (rest.size() < 5) return std::nullopt;
    auto& stream = pmt.streams.emplace_back();
    stream.type = static_cast<std::uint8_t>(u8(rest, 0));
    stream.pid = pid_at(rest, 1);
    const auto size = length_at(rest, 3);
    rest.remove_prefix(5);
    if (!take_loop(size, stream.descriptors)) return std::nullopt;
  }
  return pmt;
}

std::string write_pmt(const Pmt& pmt) {
  std::string content;
  put16(content, pmt.program);
  content += static_cast<char>(0xc0 | pmt.version << 1 | (pmt.current ? 1 : 0));
  content.append(2, '\0');  // the only section of its table
  put16(content, 0xe000U | pmt.pcr_pid);
  put_loop(content, pmt.descriptors);
  for (const auto& stream : pmt.streams) {
    content += static_cast<char>(stream.type);
    put16(content, 0xe000U | stream.pid);
    put_loop(content, stream.descriptors);
  }
  std::string section = "\x02";
  put16(section, static_cast<unsigned>(0xb000 | (content.size() + kChecksum)));
  section += content;
  const auto checksum = crc32(section);
  put16(section, checksum >> 16);
  put16(section, checksum & 0xffff);
  return section;
}

std::vector<Descriptor> parse_descriptors(std::string_view loop) {
  std::vector<Descriptor> found;
  while (loop.size() >= 2 && u8(loop, 1) + 2U <= loop.size()) {
    const auto size = u8(loop, 1) + 2U;
    const auto whole = loop.substr(0, size);
    found.push_back({static_cast<std::uint8_t>(u8(loop, 0)), whole.substr(2), whole});
    loop.remove_prefix(size);
  }
  return found;
}

}  // namespace sluice::ts
