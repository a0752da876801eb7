// h3 1 with its router.
import { createApp, createError, createRouter, eventHandler, toNodeListener } from "h3";
import serving from "./serve.cjs";
const app = createApp();
app.use(eventHandler(() => {}));
const router = createRouter();
router.get(
  "/",
  eventHandler(() => "ok"),
);
router.get(
  "/users/:id",
  eventHandler(() => "ok"),
);
router.post(
  "/users/:id",
  eventHandler(async () => {
    await Promise.resolve();
    throw createError({ statusCode: 500 });
  }),
);
router.get(
  "/files/**",
  eventHandler(() => "ok"),
);
app.use(router);
serving.serve(toNodeListener(app));
