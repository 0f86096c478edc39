// Runs inside the page, after hls.js: plays an address and tells what happened.

const kCodecs = ['video/mp4; codecs="avc1.4d400d"', 'audio/mp4; codecs="mp4a.40.2"'];
const kCheckMilliseconds = 50;
// How far into the second segment playback must come, in seconds.
const kBeyondBoundary = 0.4;

/** Facts that can be sent out of the page. */
function snapshot(video, state) {
  const quality = video.getVideoPlaybackQuality();
  return {
    ...state,
    userAgent: navigator.userAgent,
    currentTime: video.currentTime,
    duration: video.duration,
    size: [video.videoWidth, video.videoHeight],
    framesShown: quality.totalVideoFrames - quality.droppedVideoFrames,
    audioBytesDecoded: video.webkitAudioDecodedByteCount,
    mediaError: video.error && `${video.error.code} ${video.error.message}`,
    cues: cues(video),
  };
}

/** The words of all subtitles that have been loaded. */
function cues(video) {
  return [...video.textTracks].flatMap((track) => [...(track.cues ?? [])].map((cue) => cue.text));
}

/** Notes what hls.js does: what it finds and loads, the segments that come to play, all errors. */
function watch(hls, state) {
  hls.on(Hls.Events.MANIFEST_PARSED, (_, data) => {
    state.levels = data.levels.length;
    state.heights = data.levels.map((level) => level.height);
  });
  hls.on(Hls.Events.STEERING_MANIFEST_LOADED, (_, data) => {
    state.steering.push(data.steeringManifest);
  });
  hls.on(Hls.Events.LEVEL_LOADED, (_, data) => {
    state.live = data.details.live;
    if (data.details.skippedSegments > 0) state.deltas += 1;
  });
  hls.on(Hls.Events.FRAG_LOADED, (_, data) => {
    if (data.part) state.parts += 1;
    if (data.frag.type === 'audio') state.soundsLoaded.push(data.frag.level);
  });
  hls.on(Hls.Events.FRAG_CHANGED, (_, data) => {
    state.segments.push({ sn: data.frag.sn, start: data.frag.start, type: data.frag.type });
  });
  hls.on(Hls.Events.ERROR, (_, data) => {
    state.errors.push({
      fatal: data.fatal,
      type: data.type,
      details: data.details,
      status: data.response?.code ?? null,
      reason: data.reason ?? data.error?.message ?? null,
    });
  });
}

/** True once playback has run from one segment into the next. */
function isPastBoundary(video, state) {
  const [, second] = [...new Map(state.segments.map((one) => [one.sn, one])).values()];
  return second !== undefined && video.currentTime > second.start + kBeyondBoundary;
}

/** True once sound and subtitles have been switched over, and the subtitles are there. */
function hasSwitched(video, state) {
  return state.soundsLoaded.includes(1) && cues(video).length > 0;
}

/** Chooses the second sound and the first subtitles. */
function switchTracks(hls) {
  hls.audioTrack = 1;
  hls.subtitleTrack = 0;
  hls.subtitleDisplay = true;
}

/**
 * Plays `url` until it has run past a segment boundary (outcome "played"), until hls.js gives up
 * ("fatal") or until `limit` milliseconds have passed ("timeout"). What else must have happened for
 * "played": with `until`, the position has come so far, in seconds; with `tracks`, both sound and
 * subtitles were switched. `lowLatency` has hls.js load parts.
 */
window.play = async ({ url, until = 0, tracks = false, lowLatency = false }, limit) => {
  const video = document.querySelector('video');
  const state = {
    outcome: null,
    firstTime: null,
    levels: null,
    heights: [],
    live: null,
    segments: [],
    parts: 0,
    deltas: 0,
    soundsLoaded: [],
    steering: [],
    errors: [],
    unsupported: kCodecs.filter((type) => !MediaSource.isTypeSupported(type)),
  };
  const hls = new Hls({ lowLatencyMode: lowLatency });
  watch(hls, state);
  const begun = () => {
    state.firstTime ??= video.currentTime;
    if (tracks) switchTracks(hls);
  };
  video.addEventListener('playing', begun, { once: true });
  hls.loadSource(url);
  hls.attachMedia(video);
  video.play().catch((error) => (state.playRefused = String(error)));
  const isDone = () =>
    isPastBoundary(video, state) &&
    video.currentTime >= until &&
    (!tracks || hasSwitched(video, state));
  const end = performance.now() + limit;
  while (state.outcome === null) {
    await new Promise((resolve) => setTimeout(resolve, kCheckMilliseconds));
    if (state.errors.some((error) => error.fatal)) state.outcome = 'fatal';
    else if (isDone()) state.outcome = 'played';
    else if (performance.now() > end) state.outcome = 'timeout';
  }
  const report = snapshot(video, state);
  hls.destroy();
  return report;
};
