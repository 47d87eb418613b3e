-- A closed loop of texts for wrk, each with an id of its own, from callers taken in turn. Every
-- answer is compared with the one expected.

local plan = dofile(os.getenv("BENCH_PLAN"))
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  sent, wrong, unexpected = 0, 0, ""
end

function request()
  sent = sent + 1
  local caller = plan.first_phone + (number * 397 + plan.seed * 31 + sent) % plan.callers
  return wrk.format("POST", plan.path, plan.headers,
    "from=%2B" .. string.format(plan.phone, caller)
    .. "&to=2200&date=2026-11-22+09%3A00%3A00&networkCode=60701&linkId=&cost="
    .. "&text=how+much+is+oniyon+in+brikama+today+" .. sent
    .. "&id=ATXid_" .. string.format("%08x%08x%016x", plan.seed, number, sent))
end

function response(status, headers, body)
  if status ~= 200 or body ~= plan.expected then
    wrong = wrong + 1
    unexpected = status .. ": " .. body
  end
end

function done(summary, latency, requests)
  local wrong, example = 0, ""
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
    if thread:get("unexpected") ~= "" then example = thread:get("unexpected") end
  end
  local e = summary.errors
  local lost = e.connect + e.read + e.write + e.timeout
  print(string.format("RESULT %d %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), wrong, lost))
  if wrong > 0 then print("EXAMPLE " .. example) end
end
