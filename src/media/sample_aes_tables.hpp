#pragma once

#include <cstdint>
#include <map>

#include "sluice/ts/tables.hpp"

namespace sluice::media {

enum class SampleCodec : std::uint8_t { h264, aac, ac3 };  ///< ac3 is E-AC-3 too

/// The encrypted streams that a program map announces, by PID.
[[nodiscard]] std::map<std::uint16_t, SampleCodec> encrypted_streams(const ts::Pmt& pmt);

/// The map with those announced as what they are when decrypted.
[[nodiscard]] ts::Pmt announce_clear(ts::Pmt pmt);

}  // namespace sluice::media
