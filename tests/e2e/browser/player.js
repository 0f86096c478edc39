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
    size: [video.videoWidth, video.videoHeight],
    framesShown: quality.totalVideoFrames - quality.droppedVideoFrames,
    audioBytesDecoded: video.webkitAudioDecodedByteCount,
    mediaError: video.error && `${video.error.code} ${video.error.message}`,
  };
}

/** Notes what hls.js does: the segments that come to play, and all errors. */
function watch(hls, state) {
  hls.on(Hls.Events.MANIFEST_PARSED, (_, data) => {
    state.levels = data.levels.length;
  });
  hls.on(Hls.Events.LEVEL_LOADED, (_, data) => {
    state.live = data.details.live;
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

/**
 * Plays `url` until it has run past a segment boundary (outcome "boundary"), until hls.js gives up
 * ("fatal") or until `limit` milliseconds have passed ("timeout").
 */
window.playUntilBoundary = async (url, limit) => {
  const video = document.querySelector('video');
  const state = {
    outcome: null,
    firstTime: null,
    levels: null,
    live: null,
    segments: [],
    errors: [],
    unsupported: kCodecs.filter((type) => !MediaSource.isTypeSupported(type)),
  };
  const hls = new Hls();
  watch(hls, state);
  video.addEventListener('playing', () => (state.firstTime ??= video.currentTime), { once: true });
  hls.loadSource(url);
  hls.attachMedia(video);
  video.play().catch((error) => (state.playRefused = String(error)));
  const end = performance.now() + limit;
  while (state.outcome === null) {
    await new Promise((resolve) => setTimeout(resolve, kCheckMilliseconds));
    if (state.errors.some((error) => error.fatal)) state.outcome = 'fatal';
    else if (isPastBoundary(video, state)) state.outcome = 'boundary';
    else if (performance.now() > end) state.outcome = 'timeout';
  }
  const report = snapshot(video, state);
  hls.destroy();
  return report;
};
