package signal

import "hash/fnv"

// Partition is where the matches of a rule go that have these values in common: all that may become one alert meet there.
// It is the same on every machine and in every version, since a group's state is on its partition.
func Partition(rule string, route []string, partitions int) int32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(rule)) // a hash never fails
	for _, v := range route {
		_, _ = h.Write([]byte{0})
		_, _ = h.Write([]byte(v))
	}
	return int32(h.Sum32() % uint32(partitions))
}
