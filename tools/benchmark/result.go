package main

import "sort"

// distribution is of exact samples, in milliseconds.
type distribution struct {
	Count int     `json:"count"`
	Avg   float64 `json:"avg"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// result is what is printed.
type result struct {
	URL              string           `json:"url"`
	Connections      int              `json:"connections"`
	Seconds          float64          `json:"seconds"`
	Requests         int              `json:"requests"` // that succeeded
	Bytes            int64            `json:"bytes"`    // of bodies, also of unfinished ones
	MBPerSecond      float64          `json:"mb_per_s"` // 10^6 bytes
	RequestsPerS     float64          `json:"requests_per_s"`
	Latency          distribution     `json:"latency_ms"`    // to the last byte
	FirstByte        distribution     `json:"first_byte_ms"` // to the end of the head; with -rate since the start
	Errors           map[string]int64 `json:"errors"`        // by kind
	ErrorCount       int64            `json:"error_count"`
	WarmUpErrors     map[string]int64 `json:"warm_up_errors"`
	Unfinished       int              `json:"unfinished"` // requests running at the end
	OldestUnfinished float64          `json:"oldest_unfinished_ms"`
	Reconnects       int64            `json:"reconnects"`          // connections the server asked to close
	Missed           int64            `json:"missed"`              // of -interval, because the one before still ran
	Starved          int              `json:"starved"`             // connections that got less than 80% of -rate
	RateMin          float64          `json:"connection_rate_min"` // bytes/s of the slowest connection
	RateMedian       float64          `json:"connection_rate_median"`
	ClientCPU        float64          `json:"client_cpu_s"`
}

func milliseconds(nanoseconds int64) float64 { return float64(nanoseconds) / 1e6 }

// distributionOf sorts the samples. A percentile is the smallest sample that so many are not above.
func distributionOf(samples []int64) distribution {
	if len(samples) == 0 {
		return distribution{}
	}
	sort.Slice(samples, func(a, b int) bool { return samples[a] < samples[b] })
	sum := 0.0
	for _, sample := range samples {
		sum += float64(sample)
	}
	at := func(percent int) float64 {
		return milliseconds(samples[(len(samples)*percent+99)/100-1])
	}
	return distribution{
		Count: len(samples),
		Avg:   sum / float64(len(samples)) / 1e6,
		P50:   at(50),
		P90:   at(90),
		P99:   at(99),
		Max:   at(100),
	}
}

// collect adds up the workers, which have ended. `before` and `after` are their bytes at the begin and
// the end of the measurement.
func (r *result) collect(l *load, before, after []int64) {
	r.URL, r.Connections = l.o.url, len(l.workers)
	r.Errors, r.WarmUpErrors = map[string]int64{}, map[string]int64{}
	var latencies, firstBytes []int64
	rates := make([]float64, len(l.workers))
	for i, w := range l.workers {
		latencies = append(latencies, w.latencies...)
		firstBytes = append(firstBytes, w.firstBytes...)
		r.Reconnects += w.reconnects
		r.Missed += w.missed
		for kind, count := range w.errors {
			r.Errors[kind] += count
			r.ErrorCount += count
		}
		for kind, count := range w.early {
			r.WarmUpErrors[kind] += count
		}
		r.Bytes += after[i] - before[i]
		rates[i] = float64(after[i]-before[i]) / r.Seconds
		if l.o.rate > 0 && rates[i] < 0.8*float64(l.o.rate) {
			r.Starved++
		}
	}
	sort.Float64s(rates)
	r.RateMin, r.RateMedian = rates[0], rates[len(rates)/2]
	r.Requests = len(latencies)
	r.Latency, r.FirstByte = distributionOf(latencies), distributionOf(firstBytes)
	r.MBPerSecond = float64(r.Bytes) / r.Seconds / 1e6
	r.RequestsPerS = float64(r.Requests) / r.Seconds
}
