-- A closed loop of dialogues for wrk. Each thread owns one connection, so that the answer that
-- arrives belongs to the request before it; it keeps many dialogues open and serves them in turn.
-- Every reply is compared, byte for byte, with the one expected for this hop and market.

local plan = dofile(os.getenv("BENCH_PLAN"))
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  answered, wrong, unexpected = 0, 0, ""
  waiting, at, begun = false, 0, 0
  dialogues = {}
  for slot = 1, plan.dialogues / plan.threads do dialogues[slot] = begin() end
end

-- Callers are taken in turn from this thread's share, from another place in each run.
function begin()
  local share = math.floor(plan.callers / plan.threads)
  local caller = number * share + (plan.seed * 37 + begun) % share
  begun = begun + 1
  return {
    hop = 1,
    market = caller % plan.markets + 1,
    head = "sessionId=ATUid_" .. string.format("%08x%08x%016x", plan.seed, number, begun)
      .. "&phoneNumber=%2B" .. string.format(plan.phone, plan.first_phone + caller)
      .. "&serviceCode=%2A384%2A220%23&networkCode=99999&text=",
  }
end

function request()
  if not waiting then -- else the connection was lost: a gateway would repeat the hop
    at = at % #dialogues + 1
    waiting = true
  end
  local d = dialogues[at]
  return wrk.format("POST", plan.path, plan.headers, d.head .. plan.hops[d.hop])
end

function response(status, headers, body)
  local d = dialogues[at]
  waiting = false
  answered = answered + 1
  local expected = plan.expected[d.hop][d.market]
  if status ~= 200 or body ~= expected then
    wrong = wrong + 1
    unexpected = status .. " hop " .. d.hop .. ": " .. body
  end
  if d.hop == #plan.hops or status ~= 200 or body ~= expected then
    dialogues[at] = begin()
  else
    d.hop = d.hop + 1
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
