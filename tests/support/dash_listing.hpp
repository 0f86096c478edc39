#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sluice/dash/segments.hpp"
#include "support/dash_oracle.hpp"

namespace sluice::test {

/// A reduced fraction, as the oracle writes it.
[[nodiscard]] std::string to_text(const dash::Seconds& seconds);

/// A segment of room dash in the words of the oracle.
[[nodiscard]] OracleSegment to_oracle(const dash::Segment& segment);

/// All Representations of an MPD as the oracle lists them, but by room dash. Throws
/// std::runtime_error when that fails.
[[nodiscard]] std::vector<OracleTrack> list_by_room(const dash::Mpd& mpd, dash::Time now);

/// One line per segment, "url range start duration number", for tests that write out what they
/// expect.
[[nodiscard]] std::string describe(const OracleSegment& segment);

/// The text of tests/corpus/dash/<name>.mpd, and the URL it is said to come from.
[[nodiscard]] std::string corpus_mpd(std::string_view name);
[[nodiscard]] std::string corpus_url(std::string_view name);

}  // namespace sluice::test
