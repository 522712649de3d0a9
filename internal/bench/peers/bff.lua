-- The same in Lua inside nginx: parallel subrequests to the sources, cjson to parse and to print. The requests stand in script.json beside the settings.
local cjson = require "cjson"

local file = assert(io.open(ngx.config.prefix() .. "script.json"))
local steps = cjson.decode(file:read("*a"))
file:close()

local methods = { GET = ngx.HTTP_GET, POST = ngx.HTTP_POST }

local function ask(requests)
  if #requests == 0 then
    return {}
  end
  local together = {}
  for i, request in ipairs(requests) do
    together[i] = { request.path, { method = methods[request.method], body = request.body } }
  end
  local answers = { ngx.location.capture_multi(together) }
  for i, answer in ipairs(answers) do
    if answer.status ~= 200 or answer.truncated then
      error("a source answered " .. answer.status)
    end
    answers[i] = cjson.decode(answer.body)
  end
  return answers
end

local function merge(by_type, bundle)
  for _, entry in ipairs(bundle.entry) do
    local resource = entry.resource
    if resource.resourceType == "Bundle" then
      merge(by_type, resource)
    else
      local list = by_type[resource.resourceType]
      if not list then
        list = {}
        by_type[resource.resourceType] = list
      end
      list[#list + 1] = resource
    end
  end
end

local function view()
  local whole, more, by_type = {}, {}, {}
  for _, source in ipairs(steps.sources) do
    whole[#whole + 1] = source[1]
    for i = 2, #source do
      more[#more + 1] = source[i]
    end
  end
  ask(steps.first)
  for _, bundle in ipairs(ask(whole)) do
    merge(by_type, bundle)
  end
  for _, bundle in ipairs(ask(more)) do
    merge(by_type, bundle)
  end
  local body = cjson.encode(by_type)
  ngx.header["Content-Type"] = "application/json"
  ngx.header["Content-Length"] = #body
  ngx.print(body)
end

return { view = view }
