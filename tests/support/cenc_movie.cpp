#include "support/cenc_movie.hpp"

#include <utility>

#include "support/bytes.hpp"

namespace sluice::test {
namespace {

const std::string kPiffTenc("\x89\x74\xdb\xce\x7b\xe7\x4c\x51\x84\xf9\x71\x48\xf9\x88\x25\x54", 16);
const std::string kPiffSenc("\xa2\x39\x4f\x52\x5a\x9b\x4f\x14\xa2\x44\x6c\x42\x7c\x64\x8d\xf4", 16);
const std::string kPiffPssh("\xd0\x8a\x4f\x18\x10\xf3\x4a\x82\xb6\xc8\x32\xd8\xab\xa1\x83\xd3", 16);

std::string be(std::uint64_t value, unsigned width = 4) {
  return big_endian(value, width);
}

std::string full(unsigned version, unsigned flags) {
  return be(version, 1) + be(flags, 3);
}

/// What is gone after decryption.
std::string protective(bool decrypted, const std::string& type, const std::string& content) {
  return decrypted ? iso_box("free", std::string(content.size(), '\0')) : iso_box(type, content);
}

bool chained(const CencTrack& track) {
  return track.scheme == "cbc1" || track.scheme == "cbcs";
}

std::string piff_encryption(const CencTrack& track) {
  return be(chained(track) ? 2 : 1, 3) + be(track.iv_size, 1) + track.kid;
}

std::string sinf(const CencTrack& track, bool decrypted) {
  const bool patterned = track.crypt_blocks + track.skip_blocks > 0;
  auto tenc = full(patterned ? 1 : 0, 0) + be(0, 1) +
              be(track.crypt_blocks << 4U | track.skip_blocks, 1) +
              be(track.is_protected ? 1 : 0, 1) + be(track.iv_size, 1) + track.kid;
  if (track.iv_size == 0) tenc += be(track.constant_iv.size(), 1) + track.constant_iv;
  const auto inner = track.piff ? iso_box("uuid", kPiffTenc + full(0, 0) + piff_encryption(track))
                                : iso_box("tenc", tenc);
  const auto scheme = track.piff ? "piff" : track.scheme;
  return protective(decrypted, "sinf",
                    iso_box("frma", track.format) +
                        iso_box("schm", full(0, 0) + scheme + be(0x10000)) +
                        iso_box("schi", inner));
}

std::string sgpd(const std::vector<CencGroup>& groups, const CencTrack& track, bool decrypted) {
  if (groups.empty()) return "";
  auto content = full(1, 0) + "seig" + be(0) + be(groups.size());
  for (const auto& group : groups) {
    auto entry = be(0, 1) + be(track.crypt_blocks << 4U | track.skip_blocks, 1) +
                 be(group.is_protected ? 1 : 0, 1) + be(group.iv_size, 1) + group.kid;
    if (group.is_protected && group.iv_size == 0) {
      entry += be(group.constant_iv.size(), 1) + group.constant_iv;
    }
    content += be(entry.size()) + entry;
  }
  return protective(decrypted, "sgpd", content);
}

std::string pssh(bool decrypted) {
  return protective(decrypted, "pssh", full(0, 0) + random_bytes(40, 77)) +
         protective(decrypted, "uuid", kPiffPssh + random_bytes(30, 78));
}

/// Builds one traf twice: to know its size, and with the offsets.
class FragmentWriter {
 public:
  FragmentWriter(const CencMovie& movie, const CencFragment& fragment, bool decrypted,
                 std::uint64_t offset)
      : movie_(movie), fragment_(fragment), decrypted_(decrypted), offset_(offset) {}

  std::string write() {
    const auto size = moof().size();
    const auto header = fragment_.large_mdat ? 16U : 8U;
    lay_out(size + header);
    auto mdat = iso_box("mdat", data_, fragment_.large_mdat);
    if (fragment_.mdat_to_the_end) mdat.replace(0, 4, be(0));
    return moof() + mdat;
  }

 private:
  struct Place {
    std::uint64_t run = 0;  ///< from the beginning of the moof
    std::uint64_t aux = 0;
  };

  const CencGroup* group_of(const CencTraf& traf, const CencSample& sample) const {
    if (sample.group == 0) return nullptr;
    if (sample.group > 0x10000) return &traf.groups.at(sample.group - 0x10001);
    return &movie_.movie_groups.at(sample.group - 1);
  }

  std::string bytes_of(const CencTraf& traf, const CencSample& sample) const {
    const auto& track = movie_.tracks.at(traf.track);
    const auto* group = group_of(traf, sample);
    const bool hidden = group != nullptr ? group->is_protected : track.is_protected;
    if (decrypted_ || sample.clear || traf.clear_entry || !hidden) return sample.plain;
    auto iv = sample.iv;
    if (iv.empty()) iv = group != nullptr ? group->constant_iv : track.constant_iv;
    return encrypt_sample({track.scheme, group != nullptr ? group->key : track.key, iv,
                           track.crypt_blocks, track.skip_blocks, sample.subsamples},
                          sample.plain);
  }

  static std::string aux_of(const CencSample& sample, bool with_count) {
    auto aux = sample.iv;
    if (!with_count) return aux;
    return aux + be(sample.subsamples.size(), 2) + subsample_table(sample.subsamples);
  }

  static bool has_subsamples(const CencTraf& traf) {
    for (const auto& run : traf.runs) {
      for (const auto& sample : run) {
        if (!sample.subsamples.empty()) return true;
      }
    }
    return false;
  }

  static std::string run_aux(const CencTraf& traf, std::size_t number) {
    std::string aux;
    for (const auto& sample : traf.runs[number]) aux += aux_of(sample, has_subsamples(traf));
    return aux;
  }

  void lay_out(std::uint64_t at) {
    data_.clear();
    places_.assign(fragment_.trafs.size(), {});
    std::size_t rounds = 1;
    if (fragment_.interleaved) {
      for (const auto& traf : fragment_.trafs) rounds = std::max(rounds, traf.runs.size());
    }
    for (std::size_t round = 0; round < rounds; ++round) {
      for (std::size_t t = 0; t < fragment_.trafs.size(); ++t) {
        const auto& traf = fragment_.trafs[t];
        places_[t].resize(traf.runs.size());
        for (std::size_t r = 0; r < traf.runs.size(); ++r) {
          if (fragment_.interleaved && r != round) continue;
          if (fragment_.gaps) data_ += random_bytes(5 + r, r);
          places_[t][r].aux = at + data_.size();
          if (traf.aux == AuxPlace::in_mdat) data_ += run_aux(traf, r);
          places_[t][r].run = at + data_.size();
          for (const auto& sample : traf.runs[r]) data_ += bytes_of(traf, sample);
        }
      }
    }
  }

  std::string sizes(const CencTraf& traf) const {
    std::string all;
    std::uint32_t count = 0;
    for (const auto& run : traf.runs) {
      for (const auto& sample : run) {
        all += be(aux_of(sample, has_subsamples(traf)).size(), 1);
        ++count;
      }
    }
    return protective(decrypted_, "saiz", full(0, 0) + be(0, 1) + be(count) + all);
  }

  /// `all` from the beginning of the moof, which is what the base of the fragment is too.
  std::string offsets(const std::vector<std::uint64_t>& all) const {
    auto content = full(0, 1) + movie_.tracks.front().scheme + be(0) + be(all.size());
    for (const auto offset : all) content += be(offset);
    return protective(decrypted_, "saio", content);
  }

  /// The boxes about encryption; `at` is where they begin in the moof.
  std::string aux_boxes(std::size_t t, std::uint64_t at) const {
    const auto& traf = fragment_.trafs[t];
    const auto& track = movie_.tracks.at(traf.track);
    std::string entries;
    std::uint32_t count = 0;
    for (std::size_t r = 0; r < traf.runs.size(); ++r) {
      entries += run_aux(traf, r);
      count += static_cast<std::uint32_t>(traf.runs[r].size());
    }
    const unsigned flags = has_subsamples(traf) ? 2 : 0;
    switch (traf.aux) {
      case AuxPlace::nowhere: return "";
      case AuxPlace::piff:
        return protective(
            decrypted_, "uuid",
            kPiffSenc + full(0, flags | 1U) + piff_encryption(track) + be(count) + entries);
      case AuxPlace::in_moof: {
        const auto saiz = sizes(traf);
        const auto place = at + saiz.size() + offsets({0}).size() + 8;
        return saiz + offsets({place}) + iso_box("skip", entries);
      }
      case AuxPlace::in_mdat: {
        std::vector<std::uint64_t> all;
        for (std::size_t r = 0; r < traf.runs.size(); ++r) {
          all.push_back(t < places_.size() ? places_[t][r].aux : 0);
        }
        return sizes(traf) + offsets(all);
      }
      default: break;
    }
    const auto senc = protective(decrypted_, "senc", full(0, flags) + be(count) + entries);
    if (traf.aux == AuxPlace::senc) return senc;
    const auto saiz = sizes(traf);
    return saiz + offsets({at + saiz.size() + offsets({0}).size() + 16}) + senc;
  }

  std::string groups_of(const CencTraf& traf) const {
    std::string entries;
    std::uint32_t count = 0;
    bool any = false;
    for (const auto& run : traf.runs) {
      for (const auto& sample : run) {
        entries += be(1) + be(sample.group);
        any = any || sample.group != 0;
        ++count;
      }
    }
    if (!any) return "";
    return sgpd(traf.groups, movie_.tracks.at(traf.track), decrypted_) +
           protective(decrypted_, "sbgp", full(0, 0) + "seig" + be(count) + entries);
  }

  std::string traf(std::size_t t, std::uint64_t at) const {
    const auto& traf = fragment_.trafs[t];
    unsigned flags = fragment_.base_data_offset ? 1U : 0x20000U;
    if (traf.clear_entry) flags |= 2U;
    if (fragment_.sizes_in_tfhd) flags |= 0x10U;
    auto tfhd = full(0, flags) + be(movie_.tracks.at(traf.track).id);
    if (fragment_.base_data_offset) tfhd += be(offset_, 8);
    if (traf.clear_entry) tfhd += be(2);
    if (fragment_.sizes_in_tfhd) tfhd += be(traf.runs.front().front().plain.size());
    auto content = iso_box("tfhd", tfhd) + iso_box("tfdt", full(1, 0) + be(4711, 8));
    content += groups_of(traf);
    content += aux_boxes(t, at + 8 + content.size());
    for (std::size_t r = 0; r < traf.runs.size(); ++r) {
      const auto place = t < places_.size() ? places_[t][r].run : 0;
      auto trun =
          full(0, fragment_.sizes_in_tfhd ? 0x101 : 0x301) + be(traf.runs[r].size()) + be(place);
      for (const auto& sample : traf.runs[r]) {
        trun += be(1000);
        if (!fragment_.sizes_in_tfhd) trun += be(sample.plain.size());
      }
      content += iso_box("trun", trun);
    }
    return iso_box("traf", content);
  }

  std::string moof() const {
    auto content = iso_box("mfhd", full(0, 0) + be(1));
    if (fragment_.with_pssh) content += pssh(decrypted_);
    for (std::size_t t = 0; t < fragment_.trafs.size(); ++t) content += traf(t, 8 + content.size());
    return iso_box("moof", content);
  }

  const CencMovie& movie_;
  const CencFragment& fragment_;
  bool decrypted_;
  std::uint64_t offset_;
  std::string data_;
  std::vector<std::vector<Place>> places_;  ///< of each run of each traf
};

}  // namespace

std::string iso_box(const std::string& type, const std::string& content, bool large) {
  if (large) return be(1) + type + be(content.size() + 16, 8) + content;
  return be(content.size() + 8) + type + content;
}

std::string CencMovie::init(bool decrypted) const {
  auto moov = iso_box("mvhd", full(0, 0) + random_bytes(96, 3)) + pssh(decrypted);
  std::string mvex;
  for (const auto& track : tracks) {
    const auto fixed = random_bytes(track.entry_header, track.id);
    const auto codec = iso_box("avcC", random_bytes(20, 5));
    const auto entry =
        iso_box(decrypted ? track.format : track.entry,
                fixed + codec + sinf(track, decrypted) + iso_box("btrt", "abcdefgh"));
    const auto stsd = full(0, 0) + be(2) + entry + iso_box(track.format, fixed + codec);
    const auto stbl = iso_box("stsd", stsd) + iso_box("stts", full(0, 0) + be(0)) +
                      sgpd(movie_groups, track, decrypted);
    const auto mdia = iso_box("mdhd", full(0, 0) + be(0, 8) + be(90'000) + be(0, 8)) +
                      iso_box("minf", iso_box("stbl", stbl));
    moov += iso_box("trak", iso_box("tkhd", full(0, 3) + be(0, 8) + be(track.id) + be(0, 8)) +
                                iso_box("mdia", mdia));
    mvex += iso_box("trex", full(0, 0) + be(track.id) + be(1) + be(0) + be(0) + be(0));
  }
  return iso_box("ftyp", "iso6" + be(0) + "iso6") + iso_box("moov", moov + iso_box("mvex", mvex));
}

std::string CencMovie::media(bool decrypted, std::uint64_t offset) const {
  auto bytes = iso_box("styp", "msdh" + be(0)) + iso_box("sidx", random_bytes(32, 9)) +
               iso_box("emsg", random_bytes(50, 10));
  for (const auto& fragment : fragments) {
    bytes += iso_box("prft", random_bytes(24, 11));
    bytes += FragmentWriter(*this, fragment, decrypted, offset + bytes.size()).write();
  }
  return bytes;
}

}  // namespace sluice::test
