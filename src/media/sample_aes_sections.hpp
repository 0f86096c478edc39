#pragma once

#include <string>
#include <vector>

#include "sample_aes_body.hpp"
#include "sluice/ts/packet.hpp"
#include "sluice/ts/section.hpp"
#include "sluice/ts/tables.hpp"

namespace sluice::media {

/// A PID with program maps: announces decrypted streams in place of encrypted ones. Holds packets
/// from the start of a section to where none is under way; those stay as many.
class SampleAesSections {
 public:
  explicit SampleAesSections(SampleAesWork& work) : work_(&work) {}

  /// The next packet, at this offset: the maps that are complete now, as they came. bad_segment
  /// when what replaces them does not fit into their packets.
  [[nodiscard]] Result<std::vector<ts::Pmt>> take(const ts::Packet& packet, std::uint64_t offset);

  /// Offset of the first packet that is held; nullopt when none is.
  [[nodiscard]] std::optional<std::uint64_t> holds_from() const noexcept {
    if (packets_.empty()) return std::nullopt;
    return packets_.front();
  }

 private:
  [[nodiscard]] Result<> rewrite(const std::vector<std::string>& sections);

  SampleAesWork* work_;
  ts::SectionAssembler assembler_;
  std::vector<std::string> sections_;   ///< complete ones in the packets that are held
  std::vector<std::uint64_t> packets_;  ///< offsets of those
};

}  // namespace sluice::media
