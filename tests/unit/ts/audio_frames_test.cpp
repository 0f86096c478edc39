#include "sluice/ts/audio_frames.hpp"

#include "support/aes.hpp"
#include "support/catch.hpp"

using namespace sluice::ts;
using sluice::test::from_hex;

TEST_CASE("parse_audio_head tells how long a frame is", "[ts][unit]") {
  struct Row {
    const char* why;
    AudioSyntax syntax;
    const char* bytes;
    std::size_t size;  ///< 0: no frame
    std::size_t head_size;
  };
  constexpr auto kAdts = AudioSyntax::adts;
  constexpr auto kAc3 = AudioSyntax::ac3;
  const Row rows[] = {
      {"AAC", kAdts, "fff1508002fffc", 23, 7},
      {"AAC of MPEG-2", kAdts, "fff9508002fffc", 23, 7},
      {"AAC with a checksum", kAdts, "fff0508002fffc", 23, 9},
      {"the longest AAC", kAdts, "fff15083fffffc", 8191, 7},
      {"no longer than its head", kAdts, "fff1508000fffc", 7, 7},
      {"shorter than its head", kAdts, "fff1508000dffc", 0, 0},
      {"shorter than its head with checksum", kAdts, "fff05080010000", 0, 0},
      {"another layer", kAdts, "fff3508002fffc", 0, 0},
      {"an unknown sampling rate", kAdts, "fff1748002fffc", 0, 0},
      {"no sync word", kAdts, "ffe1508002fffc", 0, 0},
      {"cut", kAdts, "fff1508002ff", 0, 0},
      {"AC-3, 48 kHz, 32 kbit/s", kAc3, "0b770000004000", 128, 0},
      {"AC-3, 48 kHz, 640 kbit/s", kAc3, "0b770000254000", 2560, 0},
      {"AC-3, 44.1 kHz, 32 kbit/s", kAc3, "0b770000404000", 138, 0},
      {"AC-3, 44.1 kHz, 32 kbit/s, the longer", kAc3, "0b770000414000", 140, 0},
      {"AC-3, 44.1 kHz, 448 kbit/s", kAc3, "0b7700005e4000", 1950, 0},
      {"AC-3, 44.1 kHz, 640 kbit/s, the longer", kAc3, "0b770000654000", 2788, 0},
      {"AC-3, 32 kHz, 640 kbit/s", kAc3, "0b770000a44000", 3840, 0},
      {"AC-3, an unknown sampling rate", kAc3, "0b770000c04000", 0, 0},
      {"AC-3, an unknown bit rate", kAc3, "0b770000264000", 0, 0},
      {"E-AC-3", kAc3, "0b7700ff3f8000", 512, 0},
      {"the longest E-AC-3, of a dependent stream", kAc3, "0b777fff3f8000", 4096, 0},
      {"E-AC-3 that is too short", kAc3, "0b7700023f8000", 0, 0},
      {"a later version", kAc3, "0b7700ff3f8800", 0, 0},
      {"no sync word of AC-3", kAc3, "770b00ff3f8000", 0, 0},
      {"AAC is no AC-3", kAc3, "fff1508002fffc", 0, 0},
      {"AC-3 is no AAC", kAdts, "0b770000004000", 0, 0},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto head = parse_audio_head(row.syntax, from_hex(row.bytes));
    CHECK((head ? head->size : 0) == row.size);
    CHECK((head ? head->head_size : 0) == row.head_size);
  }
}
