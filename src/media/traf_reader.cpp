#include "traf_reader.hpp"

#include <utility>

namespace sluice::media {
namespace {

using mp4::BoxReader;
using mp4::four_cc;

// More of them would cost memory and time out of proportion to the bytes they come in.
constexpr std::size_t kMaxTrafs = 256;
constexpr std::size_t kMaxRuns = 16 * 1024;
constexpr std::uint64_t kMaxSamples = 1'000'000;

Error too_many(std::string_view what) {
  return upstream_error(Errc::bad_segment, "too many " + std::string(what) + " in one fragment");
}

/// The box of `content` with groups of keys, if there is one.
std::optional<mp4::Box> find_group_box(std::string_view content, mp4::FourCc type) {
  BoxReader boxes(content);
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (box->type() == type && mp4::grouping_type(box->content()) == four_cc("seig")) return box;
  }
  return std::nullopt;
}

}  // namespace

Result<> TrafReader::read() {
  const auto header = mp4::parse_box_header(moof_);
  if (!header || !*header) return mp4::malformed("moof");
  data_end_ = offset_;
  BoxReader boxes(moof_.substr((*header)->header_size));
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (box->type() != four_cc("traf")) continue;
    if (trafs.size() == kMaxTrafs) return too_many("tracks");
    if (auto read = read_traf(box->content()); !read) return read.error();
  }
  if (!boxes.ok()) return mp4::malformed("moof");
  return {};
}

Result<> TrafReader::read_traf(std::string_view content) {
  const auto box = mp4::find_box(content, four_cc("tfhd"));
  const auto tfhd = mp4::parse_tfhd(box ? box->content() : std::string_view());
  if (!tfhd) return tfhd.error();
  const auto* track = protection_.track(tfhd->track_id);
  const auto auxiliary = AuxiliaryBoxes::read(content);
  if (!auxiliary) return auxiliary.error();
  auto rules = read_rules(content, *tfhd, track, *auxiliary);
  if (!rules) return rules.error();
  const auto default_size =
      tfhd->sample_size.value_or(track != nullptr ? track->default_sample_size : 0);
  const bool all_clear = rules->all_clear();
  trafs.push_back({std::move(*rules), {}, default_size});

  // Without a base of its own the first traf counts from the moof, the others from where the one
  // before ends. ISO/IEC 14496-12, 8.8.7.
  const auto moof_or_end = tfhd->base_is_moof ? offset_ : data_end_;
  const auto base = tfhd->base_data_offset.value_or(moof_or_end);
  const auto first_run = runs.size();
  if (auto read = read_runs(content, *tfhd, base); !read) return read.error();
  if (all_clear) {
    runs.resize(first_run);
    return {};
  }
  if (auto placed =
          place_auxiliary(*auxiliary, tfhd->base_data_offset.value_or(offset_), first_run);
      !placed) {
    return placed.error();
  }
  return walk_auxiliary(content, first_run);
}

Result<SampleRules> TrafReader::read_rules(std::string_view content,
                                           const mp4::TrackFragmentHeader& tfhd,
                                           const TrackProtection* track,
                                           const AuxiliaryBoxes& boxes) {
  static const mp4::EncryptionGroups kNoGroups;
  if (track == nullptr) {
    if (boxes.senc || boxes.saiz) {
      return upstream_error(Errc::bad_segment,
                            "it has an encrypted track that its initialisation segment has not");
    }
    return SampleRules(std::nullopt, kNoGroups, {}, bank_);
  }
  const auto index = tfhd.description_index.value_or(track->default_description_index);
  std::optional<EntryProtection> entry;
  if (index > 0 && index <= track->entries.size()) entry = track->entries[index - 1];
  if (entry && boxes.senc && boxes.senc->override) {
    auto encryption = mp4::checked(*boxes.senc->override, "senc of PIFF");
    if (!encryption) return encryption.error();
    const bool chained = encryption->piff_algorithm == 2U;
    entry->scheme = chained ? cenc::Scheme::cbc1 : cenc::Scheme::cenc;
    entry->encryption = std::move(*encryption);
  }
  mp4::EncryptionGroups groups;
  if (const auto box = find_group_box(content, four_cc("sgpd")); entry && box) {
    auto parsed = mp4::parse_seig_descriptions(box->content());
    if (!parsed) return parsed.error();
    groups = std::move(*parsed);
  }
  return SampleRules(std::move(entry), track->groups, std::move(groups), bank_);
}

/// All truns, one behind the other where they do not say where they are.
Result<> TrafReader::read_runs(std::string_view content, const mp4::TrackFragmentHeader& tfhd,
                               std::uint64_t base) {
  // Samples cannot begin at the moof itself: without an offset they are what follows it.
  constexpr std::uint64_t kMdatHeader = 8;
  auto at = base == offset_ && !tfhd.base_data_offset ? offset_ + moof_.size() + kMdatHeader : base;
  std::uint64_t first_sample = 0;
  BoxReader boxes(content);
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (box->type() != four_cc("trun")) continue;
    auto run = mp4::parse_trun(box->content());
    if (!run) return run.error();
    sample_count_ += run->sample_count;
    if (sample_count_ > kMaxSamples) return too_many("samples");
    if (runs.size() == kMaxRuns) return too_many("runs");
    if (run->data_offset) at = base + static_cast<std::uint64_t>(std::int64_t{*run->data_offset});
    TrafRun found;
    found.offset = at;
    found.traf = trafs.size() - 1;
    found.run = *run;
    found.first_sample = first_sample;
    if (!run->size_at) {
      found.size = std::uint64_t{run->sample_count} * trafs.back().default_size;
    } else {
      for (std::uint32_t i = 0; i < run->sample_count; ++i) found.size += *run->sample_size(i);
    }
    if (run->entry_size == 0 && !trafs.back().rules.all_clear()) {
      if (run->sample_count > implied_) return too_many("samples");
      implied_ -= run->sample_count;
    }
    at += found.size;
    first_sample += run->sample_count;
    if (run->sample_count > 0) runs.push_back(found);
  }
  if (!boxes.ok()) return mp4::malformed("traf");
  data_end_ = at;
  return {};
}

/// Finds what is said about the samples: in senc, or where saio says that it is.
Result<> TrafReader::place_auxiliary(const AuxiliaryBoxes& boxes, std::uint64_t base,
                                     std::size_t first_run) {
  if (boxes.senc) {
    trafs.back().auxiliary = AuxiliaryInfo(*boxes.senc, boxes.saiz);
    return {};
  }
  if (!boxes.saiz || !boxes.saio || boxes.saiz->sample_count == 0) return {};
  const auto& saio = *boxes.saio;
  const auto run_count = runs.size() - first_run;
  if (saio.count == 0 || (saio.count > 1 && saio.count != run_count)) return mp4::malformed("saio");
  const auto total = boxes.saiz->total();
  const auto first = base + saio.offset(0);
  if (saio.count == 1 && first >= offset_ && first - offset_ <= moof_.size() &&
      total <= moof_.size() - (first - offset_)) {
    const auto there = static_cast<std::size_t>(first - offset_);
    trafs.back().auxiliary =
        AuxiliaryInfo(*boxes.saiz, moof_.substr(there, static_cast<std::size_t>(total)));
    return {};
  }
  if (total > AuxiliaryCapture::kMost - capture_.held()) return mp4::malformed("saiz");
  const auto room = capture_.reserve(static_cast<std::size_t>(total));
  trafs.back().auxiliary = AuxiliaryInfo(*boxes.saiz, room);
  if (saio.count == 1) {
    const auto number = capture_.want(first, room);
    for (auto i = first_run; i < runs.size(); ++i) runs[i].captured = number;
    return {};
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < run_count; ++i) {
    auto& run = runs[first_run + i];
    std::size_t size = 0;
    for (std::uint64_t j = 0; j < run.run.sample_count; ++j) {
      size += boxes.saiz->size_of(static_cast<std::size_t>(run.first_sample + j));
    }
    run.captured = capture_.want(base + saio.offset(i), room.substr(at, size));
    at += size;
  }
  // Some of it may be in the box after all.
  capture_.observe(offset_, moof_);
  return {};
}

/// Checks what is said about the samples, and notes for each run how far the groups and the
/// information are at its first sample, because runs need not lie in the file in the order of their
/// boxes.
Result<> TrafReader::walk_auxiliary(std::string_view content, std::size_t first_run) {
  auto& traf = trafs.back();
  mp4::SampleToGroup groups;
  if (const auto box = find_group_box(content, four_cc("sbgp"))) {
    auto parsed = mp4::SampleToGroup::parse(box->content());
    if (!parsed) return parsed.error();
    groups = *parsed;
  }
  std::size_t at = 0;
  for (auto i = first_run; i < runs.size(); ++i) {
    auto& run = runs[i];
    run.auxiliary_at = at;
    for (std::uint32_t j = 0; j < run.run.sample_count; ++j) {
      const auto index = run.first_sample + j;
      const auto group = groups.group_of(index);
      if (j == 0) run.groups = groups;
      const auto rule = traf.rules.rule(group);
      if (!rule) return rule.error();
      const auto auxiliary = traf.auxiliary.next(at, index, (*rule)->iv_size);
      if (!auxiliary) return auxiliary.error();
      if (run.captured != kNotCaptured) continue;
      // So that later nothing can fail but what lies outside the box.
      const auto size = run.run.sample_size(j).value_or(traf.default_size);
      if (const auto read = (*rule)->read(*auxiliary, size); !read) return read.error();
    }
  }
  return {};
}

}  // namespace sluice::media
